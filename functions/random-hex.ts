/** Random lower-case hex digits, for names. @param random uniform in [0, 1) */
export function randomHex(digits: number, random: () => number): string {
  return Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
}
