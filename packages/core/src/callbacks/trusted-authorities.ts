import tls from 'node:tls'

/** The `ca` of a TLS connection that trusts one more than it would: naming one alone would put it in the place of all others. */
export function trustedBesides(ca: string | undefined): { readonly ca?: readonly string[] } {
  if (ca === undefined) return {}
  // Node 22.12 to 22.14 cannot tell what NODE_EXTRA_CA_CERTS added.
  const known = typeof tls.getCACertificates === 'function' ? tls.getCACertificates() : tls.rootCertificates
  return { ca: [...known, ca] }
}
