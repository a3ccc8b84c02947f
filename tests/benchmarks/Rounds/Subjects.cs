using Orchestrator.Benchmarks.Limits;
using Orchestrator.Benchmarks.Product;
using Orchestrator.Benchmarks.Workloads;

namespace Orchestrator.Benchmarks.Rounds;

/// <summary>The engines that live in this program. The peers live in another.</summary>
internal static class Subjects
{
    /// <summary>The engine that the order names, on its store; null = there is none here.</summary>
    public static Subject? Find(SubjectOrder order) =>
        (order.Subject, order.OnPostgres) switch
        {
            ("product", _) => new ProductSubject(watched: 0),
            ("watched", _) => new ProductSubject(watched: 200),
            ("row", true) => new PostgresRows(),
            ("log", true) => new PostgresLog(),
            ("row", false) => new SqliteLimit(grouped: false),
            ("log", false) => new SqliteLimit(grouped: true),
            _ => null,
        };
}
