using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;
using Orchestrator.Silo.Storage.Postgres;

namespace Orchestrator.Benchmarks;

/// <summary>
/// Acknowledged appends a second into the PostgreSQL journal (fact, head, counts, hash, commit) with 1, 16 and 256
/// writers; in each round also the raw limit of the same server: a prepared INSERT of one such row per commit, on 1 and on
/// 16 connections. The database is named by <c>ORCHESTRATOR_BENCH_POSTGRES</c> and is written to.
/// </summary>
internal static class PostgresBenchmark
{
    private const string Variable = "ORCHESTRATOR_BENCH_POSTGRES";
    private static readonly int[] Writers = [1, 16, 256];
    private static readonly int[] Connections = [1, 16];

    public static async Task RunAsync(int rounds, TimeSpan length)
    {
        var place =
            Environment.GetEnvironmentVariable(Variable)
            ?? throw new InvalidOperationException(
                $"Name an empty database: {Variable}='Host=127.0.0.1;Database=bench;Username=...;Password=...'."
            );
        await using (var source = new PostgresSource(place, TimeProvider.System))
        {
            await PostgresMigrator.MigrateAsync(source, default, PostgresMigrator.Journal);
        }
        var raw = Connections.Select(_ => new List<double>()).ToArray();
        var rates = Writers.Select(_ => new List<double>()).ToArray();
        var cpu = Writers.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < Connections.Length; i++)
            {
                raw[i].Add(await RawAsync(place, Connections[i], length));
            }
            for (var i = 0; i < Writers.Length; i++)
            {
#pragma warning disable CA2000 // disposed with the store
                await using var store = new PostgresStore(
                    new PostgresSource(place, TimeProvider.System),
                    TimeProvider.System,
                    NullLogger<PostgresStore>.Instance
                );
#pragma warning restore CA2000
                var (rate, cpuPerThousand) = await JournalBenchmark.AppendAsync(
                    new PostgresJournal(store, TimeProvider.System),
                    $"task_{Guid.NewGuid():N}",
                    Writers[i],
                    length
                );
                rates[i].Add(rate);
                cpu[i].Add(cpuPerThousand);
            }
        }
        Print(rounds, length, raw, rates, cpu);
    }

    private static void Print(
        int rounds,
        TimeSpan length,
        List<double>[] raw,
        List<double>[] rates,
        List<double>[] cpu
    )
    {
        Figures.Head(
            $"PostgreSQL journal appends ({rounds} rounds of {length.TotalSeconds:N0} s)",
            "what",
            "a second (median)",
            "min to max",
            "of the raw limit on 16 connections, same round",
            "CPU ms per 1,000, silo only"
        );
        void Row(string what, List<double> all, string cpuMs) =>
            Figures.Row(
                what,
                Figures.N(Figures.Median(all)),
                $"{Figures.N(all.Min())} to {Figures.N(all.Max())}",
                Figures.N(Figures.Median(all.Zip(raw[^1], (a, b) => a / b))),
                cpuMs
            );
        for (var i = 0; i < Connections.Length; i++)
        {
            Row($"raw INSERT, {Connections[i]} connections", raw[i], "");
        }
        for (var i = 0; i < Writers.Length; i++)
        {
            Row($"{Writers[i]} writers", rates[i], Figures.N(Figures.Median(cpu[i])));
        }
    }

    private static async Task<double> RawAsync(string place, int connections, TimeSpan length)
    {
        await using var source = NpgsqlDataSource.Create(place);
        await using (
            var make = source.CreateCommand(
                "CREATE TABLE IF NOT EXISTS raw_fact (position bigserial PRIMARY KEY, task_id text, sequence bigint, payload bytea); TRUNCATE raw_fact"
            )
        )
        {
            await make.ExecuteNonQueryAsync();
        }
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(
            Enumerable
                .Range(0, connections)
                .Select(_ => Task.Run(() => InsertAsync(source, clock, length)))
        );
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }

    private static async Task<long> InsertAsync(
        NpgsqlDataSource source,
        Stopwatch clock,
        TimeSpan length
    )
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var insert = new NpgsqlCommand(
            "INSERT INTO raw_fact (task_id, sequence, payload) VALUES ($1, $2, $3)",
            connection
        );
        insert.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Text, Value = "task_bench_0" });
        var sequence = insert.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Bigint });
        insert.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Bytea, Value = new byte[300] });
        long rows = 0;
        sequence.Value = rows;
        await insert.PrepareAsync();
        while (clock.Elapsed < length)
        {
            sequence.Value = ++rows;
            await insert.ExecuteNonQueryAsync();
        }
        return rows;
    }
}
