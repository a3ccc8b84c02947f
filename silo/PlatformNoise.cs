namespace Orchestrator.Silo;

/// <summary>Warnings of the platform at every start that are not so here. Whoever reads a log alone at night must be able to believe it.</summary>
internal static class PlatformNoise
{
    // That the garbage collector is not the servers' kind: it is chosen so (docs/performance.md).
    private const int WorkstationCollector = 100405;

    // That the watchdog's check was late. The first one counts from the start of the machine, not of the program.
    private const int LateCheck = 100150;

    /// <summary>True when an entry is left out.</summary>
    /// <param name="category">Who writes it.</param>
    /// <param name="id">Number of its event.</param>
    /// <param name="state">Its values.</param>
    /// <param name="age">For how long this program has run.</param>
    public static bool Is(string category, int id, object? state, TimeSpan age) =>
        (category, id) switch
        {
            ("Orleans.Runtime.Silo", WorkstationCollector) => true,
            ("Orleans.Runtime.Watchdog", LateCheck) => state
                is IReadOnlyList<KeyValuePair<string, object?>> values
                && values.Any(v => v.Value is TimeSpan late && late > age),
            _ => false,
        };
}
