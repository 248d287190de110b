import { defineConfig, type UserConfig } from "vite";

/** Where `npm start` listens; the development server hands on to it what is not the page, as if it had been asked itself. */
const GATEWAY = "http://127.0.0.1:8787";

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  // What a page of this origin may load is in its content security policy: files, nothing written into the document.
  build: { outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    port: 5173,
    proxy: Object.fromEntries(
      ["/api", "/v1", "/openapi.json"].map((path) => [path, { target: GATEWAY, changeOrigin: false }]),
    ),
  },
});

export default config;
