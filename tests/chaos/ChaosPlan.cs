using Orchestrator.SystemTests;

namespace Orchestrator.ChaosTests;

/// <summary>What is done to the cluster. The seed decides every choice; the machine's timing stays its own.</summary>
/// <param name="Seed">Of the random choices.</param>
/// <param name="Silos">Processes on one database.</param>
/// <param name="Tasks">Submitted evenly over the time that the kills take.</param>
/// <param name="Work">What a task's agent takes, shortest and longest, milliseconds.</param>
/// <param name="Kills">SIGKILLs in all.</param>
/// <param name="Pause">Between two kills, shortest and longest, milliseconds.</param>
/// <param name="Restarts">Of the database, spread over the kills; each as after a loss of power.</param>
internal sealed record ChaosPlan(
    int Seed,
    int Silos,
    int Tasks,
    (int Min, int Max) Work,
    int Kills,
    (int Min, int Max) Pause,
    int Restarts
)
{
    /// <summary>Silo program of an earlier release: all silos begin with it, are upgraded one by one, and taken back; empty = no.</summary>
    public string Earlier { get; init; } = "";

    /// <summary>About how long the kills, or the steps of an upgrade, take.</summary>
    public TimeSpan Length =>
        TimeSpan.FromMilliseconds(
            (Earlier.Length > 0 ? 2 * Silos : Kills) * (Pause.Min + Pause.Max) / 2.0
        );

    /// <summary>Silos are upgraded one by one while tasks run, and taken back.</summary>
    public static ChaosPlan Upgrade(string earlier) =>
        new(LongForm.Seed, 3, LongForm.Enabled ? 200 : 60, (500, 3_000), 0, (5_000, 7_000), 0)
        {
            Earlier = earlier,
        };

    /// <summary>Everything at once: silos die every few seconds, and the database too.</summary>
    public static ChaosPlan Storm { get; } =
        LongForm.Enabled
            ? new(LongForm.Seed, 3, 500, (100, 2_000), 200, (1_000, 4_000), 5)
            : new(LongForm.Seed, 3, 30, (100, 2_000), 8, (1_000, 4_000), 1);

    /// <summary>One death at a time, each after the cluster is whole again: how long does it hurt?</summary>
    public static ChaosPlan Deaths { get; } =
        LongForm.Enabled
            ? new(LongForm.Seed, 3, 400, (4_000, 6_000), 50, (9_000, 11_000), 0)
            : new(LongForm.Seed, 3, 24, (3_000, 4_000), 4, (6_000, 7_000), 0);
}
