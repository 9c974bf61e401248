/** When every schedule begins. */
export const START = Date.parse('2030-01-01T00:00:00Z')
