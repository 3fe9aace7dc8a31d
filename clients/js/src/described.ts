// Written by `python -m tests.project.client_types` from what Python answers. Change it there.

export interface DescribedUser {
  id: string;
  email: string;
  email_verified: boolean;
  name: string | null;
  first_name: string | null;
  profile_picture_url: string | null;
  last_name: string | null;
  last_sign_in_at: string | null;
  locale: string | null;
  created_at: string | null;
  updated_at: string | null;
  external_id: string | null;
  metadata: Record<string, unknown>;
}

export interface DescribedImpersonator {
  email: string;
  reason: string | null;
}

export interface DescribedSession {
  id: string;
  user: DescribedUser;
  organization_id: string | null;
  role: string | null;
  roles: string[];
  permissions: string[];
  entitlements: string[];
  feature_flags: string[];
  impersonator: DescribedImpersonator | null;
  authentication_method: string | null;
  authenticated_at: string | null;
  expires_at: string;
}

export interface DescribedDirectSession extends DescribedSession {
  provider: string | null;
  accounts: string[];
}

export interface DescribedToken {
  access_token: string;
  expires_at: string;
  expires_in: number;
}

export type Reason = "no_cookie" | "bad_cookie" | "expired" | "refused" | "bad_token";
