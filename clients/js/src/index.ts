export { createClient } from "./client.js";
export { AuthError } from "./wire.js";
export type {
  Client,
  ClientOptions,
  Impersonator,
  NoUserInfo,
  Organization,
  Session,
  SignInOptions,
  Snapshot,
  User,
  UserInfo,
} from "./types.js";
