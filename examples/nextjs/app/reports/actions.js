"use server";

import { checkRecentAuth } from "@workos-inc/authkit-nextjs";
import { revalidatePath } from "next/cache";

import { ask } from "@/python";

const ONE_MINUTE = 60;

/** A server action is an endpoint that anybody can call. Python trusts it no more than a page. */
export async function deleteReport(id) {
  const again = `/auth/sign-in?return_to=/reports&max_age=${ONE_MINUTE}`;
  if ((await checkRecentAuth({ maxAge: ONE_MINUTE })).isStale) return { again };
  const { error } = await ask(`/api/reports/${Number(id)}`, { method: "DELETE" });
  if (error?.code === "reauthentication_required") return { again };
  revalidatePath("/reports");
  return { said: error?.message ?? "Deleted, until the API starts again." };
}
