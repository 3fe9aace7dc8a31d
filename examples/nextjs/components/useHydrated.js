"use client";

import { useSyncExternalStore } from "react";

const never = () => () => {};

/** False while the page is as the server made it: what only the browser knows would be a hydration error until then. */
export const useHydrated = () => useSyncExternalStore(never, () => true, () => false);
