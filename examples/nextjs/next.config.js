/** Nothing here depends on where the app runs: one build serves every environment. */
export default {
  poweredByHeader: false,
  devIndicators: false,
};
