import type { Config } from "@react-router/dev/config";

// What version 8 changes is left as version 7 has it: authkit-react-router is made for that one.
export default {
  future: {
    v8_middleware: false,
    v8_splitRouteModules: false,
    v8_viteEnvironmentApi: false,
    v8_passThroughRequests: false,
    v8_trailingSlashAwareDataRequests: false,
  },
} satisfies Config;
