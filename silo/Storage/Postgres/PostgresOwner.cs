using Npgsql;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>Which cluster a database belongs to: the first that came, until its operator says otherwise.</summary>
internal static class PostgresOwner
{
    /// <summary>Takes a database that is nobody's yet, or finds that it is this cluster's.</summary>
    /// <param name="source">The database; its schema is there.</param>
    /// <param name="cluster">The cluster's id.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StorageException">It is another cluster's, or cannot be used.</exception>
    public static async Task ClaimAsync(
        PostgresSource source,
        string cluster,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await source.OpenAsync(cancellationToken);
        try
        {
            await using (
                var claim = new NpgsqlCommand(
                    "INSERT INTO owner (cluster) VALUES ($1) ON CONFLICT DO NOTHING",
                    connection
                )
            )
            {
                claim.Parameters.AddValues([cluster]);
                await claim.ExecuteNonQueryAsync(cancellationToken);
            }
            await using var read = new NpgsqlCommand("SELECT cluster FROM owner", connection);
            var owner = (string?)await read.ExecuteScalarAsync(cancellationToken);
            if (owner != cluster)
            {
                throw new StorageException(
                    $"{source.Name} belongs to the cluster '{owner}'; this silo is of the cluster '{cluster}' (Cluster:Id), and two clusters on one database would each run every task. Give the silo the same Cluster:Id, or a database of its own. To rename the cluster: stop all of its silos, then UPDATE owner SET cluster = '{cluster}'."
                );
            }
        }
        catch (NpgsqlException e)
        {
            throw PostgresFaults.Explain(source, e);
        }
    }
}
