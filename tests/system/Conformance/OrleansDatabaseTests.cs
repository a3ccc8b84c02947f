using Microsoft.Data.Sqlite;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Conformance;

public sealed class OrleansDatabaseTests
{
    [Fact]
    public void The_schema_is_made_once_and_holds_every_query_the_providers_ask_for()
    {
        var folder = SiloProcess.NewFolder();
        OrleansDatabase.Prepare(folder);
        OrleansDatabase.Prepare(folder);

        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT QueryKey, QueryText FROM OrleansQuery";
        var keys = new List<string>();
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            keys.Add(row.GetString(0));
            // Preparing it proves the text against the tables.
            using var query = connection.CreateCommand();
#pragma warning disable CA2100 // the text is this product's own
            query.CommandText = row.GetString(1);
#pragma warning restore CA2100
            query.Prepare();
        }
        Assert.Equal(11, keys.Count);
    }

    [Fact]
    public void A_schema_newer_than_this_build_is_refused_by_its_number()
    {
        var folder = SiloProcess.NewFolder();
        OrleansDatabase.Prepare(folder);
        using (var connection = Open(folder))
        {
            using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO schema_version (version) VALUES (999)";
            command.ExecuteNonQuery();
        }

        var refusal = Assert.Throws<StorageException>(() => OrleansDatabase.Prepare(folder));
        Assert.Contains("999", refusal.Message, StringComparison.Ordinal);
    }

    private static SqliteConnection Open(string folder)
    {
        var connection = new SqliteConnection(OrleansDatabase.ConnectionString(folder));
        connection.Open();
        return connection;
    }
}
