/** What `electron` is outside main/desktop and preload/index.ts: nothing, so that importing from it does not compile. */
export {};
