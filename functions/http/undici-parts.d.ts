// Parts of the pinned undici. All of it would add 0.7 MB to the bundle of a Lambda, these add 0.4 MB.
declare module 'undici/lib/web/fetch/index.js' {
  const parts: { readonly fetch: typeof import('undici').fetch };
  export default parts;
}
declare module 'undici/lib/dispatcher/agent.js' {
  const Agent: typeof import('undici').Agent;
  export default Agent;
}
