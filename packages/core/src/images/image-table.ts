/** Images that are, or may be, on a cluster: written down before they are uploaded, so that none is forgotten there. */
export interface ImageTable {
  clusterKey: number
  /** Of the file. */
  name: string
  /** Catalog release id. */
  os: string
  /** Where it sends guests. */
  origin: string
}
