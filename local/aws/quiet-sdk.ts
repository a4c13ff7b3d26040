/** Hides the SDK's warning about Node versions it will stop supporting, which a user cannot act on. */
export function quietSdk(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}
