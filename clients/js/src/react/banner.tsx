import { useEffect, useState, type ComponentPropsWithoutRef } from "react";

import { STYLE, adopt } from "./bannerStyle.js";
import { useStore } from "./provider.js";
import { useAuth } from "./useAuth.js";

export interface ImpersonationBannerProps extends ComponentPropsWithoutRef<"div"> {
  side?: "top" | "bottom";
  /** Where Stop leads: home unless you say otherwise. */
  returnTo?: string;
  /** Of your content security policy: the style then is in what a server renders. */
  nonce?: string;
}

/** Everybody at the screen sees whose session this is, and can end it. Nothing for everybody else. */
export function ImpersonationBanner({ side = "bottom", returnTo, nonce, ...rest }: ImpersonationBannerProps) {
  const { user, impersonator, organizationId, signOut } = useAuth();
  const organization = useOrganizationName(impersonator ? organizationId : undefined);
  const [minimized, setMinimized] = useState(false);
  if (!user || !impersonator) return null;
  return (
    <div
      role="region"
      aria-label="Impersonation"
      ref={nonce ? undefined : adopt}
      {...rest}
      data-vestibule-impersonation-root=""
      data-workos-impersonation-root=""
      data-side={side}
      data-minimized={minimized ? "" : undefined}
    >
      {nonce ? (
        <style nonce={nonce} suppressHydrationWarning>
          {STYLE}
        </style>
      ) : null}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signOut(returnTo === undefined ? {} : { returnTo });
        }}
      >
        <p>
          You are impersonating <b>{user.email}</b>
          {organization ? (
            <>
              {" "}
              within the <b>{organization}</b> organization
            </>
          ) : null}
        </p>
        <button type="submit">Stop</button>
        <button
          type="button"
          data-toggle=""
          aria-expanded={!minimized}
          aria-label={minimized ? `Impersonating ${user.email}: show` : "Hide"}
          onClick={() => setMinimized(!minimized)}
        >
          <span aria-hidden="true">{minimized ? "↖" : "↘"}</span>
        </button>
      </form>
    </div>
  );
}

function useOrganizationName(id: string | undefined): string | undefined {
  const { client } = useStore("ImpersonationBanner");
  const [found, setFound] = useState<{ id: string; name: string } | null>(null);
  useEffect(() => {
    let wanted = true;
    if (id) {
      client.getOrganization(id).then(
        (organization) => wanted && setFound(organization),
        () => undefined, // the banner says whom, also without the place
      );
    }
    return () => {
      wanted = false;
    };
  }, [client, id]);
  return found !== null && found.id === id ? found.name : undefined;
}
