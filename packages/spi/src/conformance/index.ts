/** The cases that prove a driver, and what runs them. */
export const conformanceSpec = 1 as const
