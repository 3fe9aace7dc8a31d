import { index, route, type RouteConfig } from "@react-router/dev/routes";

export default [
  index("routes/home.tsx"),
  route("account", "routes/account.tsx"),
  route("reports", "routes/reports.tsx"),
  route("api/*", "routes/api.ts"),
  route("auth/sign-in", "routes/sign-in.ts"),
  route("auth/sign-up", "routes/sign-up.ts"),
  route("auth/callback", "routes/callback.ts"),
  route("auth/sign-out", "routes/sign-out.ts"),
] satisfies RouteConfig;
