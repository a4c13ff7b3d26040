/** On a Node that it will leave behind, the SDK writes several lines to stderr, whose reader can do nothing about them. */
export function quietSdk(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}
