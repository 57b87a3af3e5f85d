import { ContainerModule } from 'inversify'
import * as tokens from '../composition/tokens.ts'
import { type ImageParts, SqlImages } from './sql-images.ts'

export const imagesModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(tokens.Images)
    .toResolvedValue(
      (
        access: ImageParts['access'],
        bootServers: ImageParts['bootServers'],
        catalog: ImageParts['catalog'],
        clusters: ImageParts['clusters'],
        connections: ImageParts['connections'],
        database: ImageParts['database'],
        events: ImageParts['events'],
        media: ImageParts['media'],
        operations: ImageParts['operations'],
      ) => new SqlImages({ access, bootServers, catalog, clusters, connections, database, events, media, operations }),
      [
        tokens.Access,
        tokens.BootServers,
        tokens.Catalog,
        tokens.Clusters,
        tokens.Connections,
        tokens.Database,
        tokens.Events,
        tokens.Media,
        tokens.Operations,
      ],
    )
    .inSingletonScope()
})
