import { withAuth } from "@workos-inc/authkit-nextjs";

import { ask } from "@/python";

/** A download that guards itself: whoever is signed out comes back here from the sign-in page. */
export async function GET() {
  await withAuth({ ensureSignedIn: true });
  const { body: reports, error } = await ask("/api/reports");
  if (error) return Response.json({ error }, { status: 403 });
  const lines = ["id,title", ...reports.map(({ id, title }) => `${id},"${title.replaceAll('"', '""')}"`), ""];
  const headers = { "Content-Type": "text/csv; charset=utf-8", "Content-Disposition": 'attachment; filename="reports.csv"' };
  return new Response(lines.join("\r\n"), { headers });
}
