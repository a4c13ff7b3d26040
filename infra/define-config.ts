import type { ConfigInput } from './config.ts';

/**
 * Returns the settings unchanged; gives editors their type. It has a file of its own that loads nothing: every command reads the settings
 * of the checkout, and only the CDK needs what checks them.
 */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
