/** The four vendors that are simulated. */
export type Vendor = 'kismet' | 'solum' | 'zudu' | 'kalem';
