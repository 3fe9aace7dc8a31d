"use client";

export { AuthProvider, AuthProvider as AuthKitProvider } from "./provider.js";
export type { AuthProviderProps, AuthProviderProps as AuthKitProviderProps } from "./provider.js";
export { ImpersonationBanner, ImpersonationBanner as Impersonation } from "./banner.js";
export type { ImpersonationBannerProps } from "./banner.js";
export { Guard, SignedIn, SignedOut } from "./gates.js";
export type { GuardProps } from "./gates.js";
export type { AuthContextType, InitialAuth, SignedInAuth } from "./types.js";
export { useAccessToken } from "./useAccessToken.js";
export type { UseAccessTokenReturn } from "./useAccessToken.js";
export { useAuth } from "./useAuth.js";
export { useRecentAuth } from "./useRecentAuth.js";
export type { RecentAuth } from "./useRecentAuth.js";
export { useTokenClaims } from "./useTokenClaims.js";
export type { JWTPayload, TokenClaims } from "./useTokenClaims.js";
