export { createClient, createClient as createAuthClient } from "./client.js";
export { AuthError } from "./wire.js";
export type {
  Client,
  ClientOptions,
  Credentials,
  CredentialsAnswer,
  Impersonator,
  Leaving,
  LinkAnswer,
  NoUserInfo,
  Organization,
  Provider,
  Providers,
  Session,
  SessionAnswer,
  SignIn,
  SignInAnswer,
  SignInOptions,
  SignOutAnswer,
  Snapshot,
  User,
  UserInfo,
} from "./types.js";
