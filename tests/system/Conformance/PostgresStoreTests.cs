using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage.Postgres;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Conformance;

public sealed class PostgresStoreTests : StoreConformance
{
    private protected override string NewerSchema(string worksFrom) =>
        $"INSERT INTO schema_version (family, version, works_from) VALUES ('journal', 998, 1), ('journal', 999, {worksFrom})";

    private protected override async Task<string> PlaceAsync() =>
        await (await PostgresServer.SharedAsync()).NewDatabaseAsync();

    private protected override Task<OpenStore> OpenAsync(string place) => OpenStoreAsync(place);

    private protected override Task ExecuteAsync(string place, string sql) =>
        PostgresServer.ExecuteAsync(place, sql);

    /// <summary>Opens a store as a silo does.</summary>
    internal static async Task<OpenStore> OpenStoreAsync(string place)
    {
        await using (var source = new PostgresSource(place, TimeProvider.System))
        {
            await PostgresMigrator.MigrateAsync(source, default, PostgresMigrator.Journal);
        }
#pragma warning disable CA2000 // closed with the store
        var store = new PostgresStore(
            new PostgresSource(place, TimeProvider.System),
            TimeProvider.System,
            NullLogger<PostgresStore>.Instance
        );
        var blobs = new PostgresBlobs(store);
#pragma warning restore CA2000
        return new OpenStore(
            new PostgresJournal(store, TimeProvider.System),
            new PostgresIndex(store),
            blobs,
            new PostgresUploads(store),
            new PostgresCursors(store),
            new PostgresHosts(store),
            new PostgresStats(store),
            new PostgresSpending(store),
            new PostgresTokens(store),
            new PostgresPolicies(store),
            new PostgresWebhookInbox(store),
            new PostgresWebhookOutbox(store),
            new PostgresTelegram(store),
            async () =>
            {
                blobs.Dispose();
                await store.DisposeAsync();
            }
        );
    }

    [Fact]
    public async Task A_reader_never_passes_a_late_commit_of_another_silo()
    {
        var place = await PlaceAsync();
        await using var one = await OpenAsync(place);
        await using var two = await OpenAsync(place);

        await ReadWhileWritingAsync([one, two], writers: 8, factsEach: 40);
    }

    [Fact]
    public async Task Of_two_silos_that_have_seen_the_same_one_wins_each_fact_and_neither_doubles_one()
    {
        var place = await PlaceAsync();
        await using var one = await OpenAsync(place);
        await using var two = await OpenAsync(place);
        for (var version = 0; version < 40; version++)
        {
            var both = await Task.WhenAll(
                AppendAsync(one, "a", version, Head("a", version + 1, Phase(version))),
                AppendAsync(two, "a", version, Head("a", version + 1, Phase(version)))
            );
            Assert.Equal([AppendOutcome.Appended, AppendOutcome.Conflict], both.Order());
        }
        var logs = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(n => AppendAsync(n % 2 == 0 ? one : two, "system", -1))
        );

        Assert.All(logs, o => Assert.Equal(AppendOutcome.Appended, o));
        Assert.Equal(80, await two.Journal.GetEndAsync(default));
        Assert.Empty(await one.Journal.VerifyChainAsync(null, default));
        Assert.Equal(1, (await one.Index.CountAsync(default)).Values.Sum());

        static GrainInterfaces.Tasks.TaskPhase Phase(int version) =>
            version % 2 == 0
                ? GrainInterfaces.Tasks.TaskPhase.Queued
                : GrainInterfaces.Tasks.TaskPhase.Running;
    }

    [Fact]
    public async Task Of_six_silos_that_log_to_one_task_all_the_time_each_gets_its_turn()
    {
        var place = await PlaceAsync();
        var silos = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => OpenAsync(place)));
        try
        {
            var outcomes = await Task.WhenAll(
                silos.SelectMany(s =>
                    Enumerable.Range(0, 60).Select(_ => AppendAsync(s, "system", -1))
                )
            );

            Assert.All(outcomes, o => Assert.Equal(AppendOutcome.Appended, o));
            Assert.Equal(360, await silos[0].Journal.GetEndAsync(default));
            Assert.Empty(await silos[0].Journal.VerifyChainAsync(null, default));
        }
        finally
        {
            foreach (var silo in silos)
            {
                await silo.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_commit_of_one_silo_wakes_who_waits_at_another()
    {
        var place = await PlaceAsync();
        await using var one = await OpenAsync(place);
        await using var two = await OpenAsync(place);
        // Its listener is on as soon as it has told of a first fact.
        await AppendAsync(one, "a", 0);
        await two.Journal.WaitBeyondAsync(0, default).WaitAsync(Deadline);
        var partition = JournalPartitions.Of("a");
        var waiting = two.Journal.WaitPartitionAsync(partition, 1, default);

        await AppendAsync(one, "a", 1);

        Assert.Equal(2, await waiting.WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_silo_that_froze_in_the_middle_of_a_batch_is_undone_by_the_next_that_writes()
    {
        var place = await PlaceAsync();
        await using var store = await OpenAsync(place);
        await AppendAsync(store, "a", 0);
        // It holds the lock, and the server waits for its next word: in a transaction it opened, and in a batch it has not ended.
        await using var frozen = new NpgsqlConnection(
            place + $";Pooling=false;Application Name={PostgresWriter.ApplicationName}"
        );
        await frozen.OpenAsync();
        await using var transaction = await frozen.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(
            "SELECT pg_advisory_xact_lock(hashtext('orchestrator-journal'), hashtext(current_schema())); UPDATE journal_end SET position = 77",
            frozen,
            transaction
        );
        await command.ExecuteNonQueryAsync();

        Assert.Equal(
            AppendOutcome.Appended,
            await AppendAsync(store, "a", 1).WaitAsync(TimeSpan.FromMinutes(2))
        );

        Assert.Equal(2, await store.Journal.GetEndAsync(default));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync());
    }

    [Fact]
    public async Task A_connection_cut_in_a_batch_loses_nothing_that_was_acknowledged_and_doubles_nothing()
    {
        var place = await PlaceAsync();
        await using var store = await OpenAsync(place);
        var traffic = new Traffic(store);
        for (var cut = 0; cut < 8; cut++)
        {
            await traffic.UntilAsync(20);
            await PostgresServer.ExecuteAsync(
                place,
                $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{PostgresWriter.ApplicationName}'"
            );
        }
        await traffic.EndAsync(20);
        Assert.True(traffic.Unknown > 0, "no cut met a batch: the test shows nothing");
    }

    [Fact]
    public async Task A_server_that_is_restarted_in_mid_traffic_loses_nothing_that_was_acknowledged_and_doubles_nothing()
    {
        var server = await PostgresServer.OwnAsync();
        await using var store = await OpenAsync(await server.NewDatabaseAsync());
        var traffic = new Traffic(store);
        for (var round = 0; round < 3; round++)
        {
            await traffic.UntilAsync(20);
            await server.RestartAsync();
        }
        await traffic.EndAsync(20);

        // Down for good: a clear refusal in bounded time, and no part of it is the password.
        await server.StopAsync();
        var refusal = await Assert.ThrowsAsync<StorageException>(() =>
            AppendAsync(store, "late", 0).WaitAsync(TimeSpan.FromSeconds(90))
        );
        Assert.Contains($"127.0.0.1:{server.Port}", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            PostgresServer.Password,
            refusal.ToString(),
            StringComparison.Ordinal
        );
        await server.StartAsync();
        await traffic.AgainAsync();
    }

    [Fact]
    public async Task A_value_that_cannot_be_sent_fails_alone()
    {
        await using var store = await NewAsync();
        var good = Enumerable.Range(0, 20).Select(n => AppendAsync(store, $"g{n}", 0)).ToList();
        // Half of a character of two.
        var half = store.Cursors.SaveAsync("\ud800", 0, 1, Durability.Wait, default);
        var zero = AppendAsync(store, "nul\0", 0);
        good.AddRange(Enumerable.Range(20, 20).Select(n => AppendAsync(store, $"g{n}", 0)));

        await Assert.ThrowsAsync<StorageException>(() => half);
        await Assert.ThrowsAsync<StorageException>(() => zero);
        Assert.All(await Task.WhenAll(good), o => Assert.Equal(AppendOutcome.Appended, o));
        Assert.Equal(40, await store.Journal.GetEndAsync(default));
        Assert.Empty(await store.Journal.VerifyChainAsync(null, default));
    }

    [Fact]
    public async Task Silos_that_start_at_once_make_the_tables_once()
    {
        var place = await PlaceAsync();
        var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => OpenAsync(place)));

        foreach (var store in all)
        {
            await store.DisposeAsync();
        }
        Assert.Equal(
            await PostgresServer.ExecuteAsync(
                place,
                "SELECT max(version)::bigint FROM schema_version"
            ),
            await PostgresServer.ExecuteAsync(place, "SELECT count(*) FROM schema_version")
        );
    }

    [Fact]
    public async Task A_database_of_another_encoding_is_refused_with_the_cure()
    {
        var server = await PostgresServer.SharedAsync();
        var place = await server.NewDatabaseAsync(
            "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
        );

        var refusal = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(place));

        Assert.Contains("LATIN1", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--encoding=UTF8", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tables_of_Orleans_are_made_and_every_query_of_its_providers_can_be_prepared()
    {
        var place = await PlaceAsync();
        await using var source = new PostgresSource(place, TimeProvider.System);
        await PostgresMigrator.MigrateAsync(source, default, PostgresMigrator.Orleans);
        await PostgresMigrator.MigrateAsync(source, default, PostgresMigrator.Orleans);

        var queries = await source.ReadAsync(
            "SELECT querykey, querytext FROM orleansquery",
            row => (Key: row.GetString(0), Text: row.GetString(1)),
            default
        );

        Assert.Equal(20, queries.Count);
        foreach (var (key, text) in queries)
        {
            // Parameters are named as the providers name them; the server says whether the rest fits the tables.
            foreach (var statement in text.Split(';'))
            {
                var names = new List<string>();
                var sql = System.Text.RegularExpressions.Regex.Replace(
                    statement,
                    "@([A-Za-z0-9]+)",
                    m =>
                    {
                        var at = names.IndexOf(m.Value);
                        if (at < 0)
                        {
                            names.Add(m.Value);
                            at = names.Count - 1;
                        }
                        return "$" + (at + 1);
                    }
                );
                await PostgresServer.ExecuteAsync(place, $"PREPARE q AS {sql}");
            }
            Assert.False(string.IsNullOrEmpty(key));
        }
    }
}
