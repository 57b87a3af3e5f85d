import { isVirtkitError } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import type { Clusters } from '../clusters/clusters.ts'
import type { OperationOf } from '../operations/operation-definition.ts'
import type { Operations } from '../operations/operations.ts'
import type { ImageStatus, Images } from './images.ts'
import { type SyncOfImages, type SyncOutputs, type SyncParts, syncImages } from './sync-images.ts'

export interface ImageParts extends SyncParts {
  readonly access: Access
  readonly clusters: Clusters
  readonly operations: Operations
}

export class SqlImages implements Images {
  readonly #parts: ImageParts
  readonly #definition: OperationOf<SyncOfImages>

  constructor(parts: ImageParts) {
    this.#parts = parts
    this.#definition = syncImages(parts)
    parts.operations.register(this.#definition)
  }

  async sync(clusterKey: number, by?: By): Promise<readonly ImageStatus[]> {
    const { access, clusters, database, operations } = this.#parts
    access.require(by, 'clusters:write')
    await clusters.get(clusterKey, by)
    const id = await this.#begin(clusterKey)
    const { error } = await operations.wait(id)
    if (error) throw error
    const { outputs } = await database.queries
      .selectFrom('operations')
      .select('outputs')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    return (JSON.parse(outputs) as SyncOutputs).sync.images
  }

  /** The operation that does it: a new one, or the one that is at it. */
  async #begin(cluster: number): Promise<string> {
    const { database, operations } = this.#parts
    const request = { input: { cluster }, subject: `cluster/${cluster}`, cluster }
    try {
      return (await database.transaction((queries) => operations.submit(queries, this.#definition, request))).id
    } catch (error) {
      if (!isVirtkitError(error, 'CONFLICT')) throw error
      const underWay = await operations.list({ subject: request.subject, ended: false })
      const same = underWay.find(({ kind }) => kind === this.#definition.kind)
      if (same) return same.id
      if (underWay.length > 0) throw error
      // It has just ended.
      return this.#begin(cluster)
    }
  }
}
