/** Of this package; a test holds it against `package.json`, which hosts that bundle us do not have. */
export const kitVersion = '0.1.0'
