using System.Globalization;

namespace Orchestrator.SystemTests;

/// <summary>Long proofs have a short form that runs always, and a long one that runs when <c>ORCHESTRATOR_TESTS_LONG=1</c>.</summary>
internal static class LongForm
{
    /// <summary>True when the long form is asked for.</summary>
    public static bool Enabled { get; } =
        Environment.GetEnvironmentVariable("ORCHESTRATOR_TESTS_LONG") == "1";

    /// <summary>The seed of random tests: <c>ORCHESTRATOR_TESTS_SEED</c>, else a new one. A test prints it.</summary>
    public static int Seed { get; } =
        int.TryParse(
            Environment.GetEnvironmentVariable("ORCHESTRATOR_TESTS_SEED"),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var seed
        )
            ? seed
            : System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);
}
