using System.Reflection;

namespace Orchestrator.Mutation;

/// <summary>The switch that Stryker.NET put into the mutated assembly: which mutant is active, and which were reached.</summary>
internal sealed class MutantSwitch
{
    private readonly FieldInfo active;
    private readonly FieldInfo capture;
    private readonly MethodInfo reached;

    /// <param name="mutated">The loaded assembly.</param>
    /// <exception cref="InvalidOperationException">It has no mutants.</exception>
    public MutantSwitch(Assembly mutated)
    {
        var control =
            Array.Find(mutated.GetTypes(), t => t.Name == "MutantControl")
            ?? throw new InvalidOperationException(
                $"{mutated.Location} holds no mutants: make it by tests/mutation/run."
            );
        active = control.GetField("ActiveMutant")!;
        capture = control.GetField("CaptureCoverage")!;
        reached = control.GetMethod("GetCoverageData")!;
        Active = None;
    }

    /// <summary>No mutant.</summary>
    public const int None = -1;

    /// <summary>The mutant that runs.</summary>
    public int Active
    {
        set => active.SetValue(null, value);
    }

    /// <summary>Whether what is reached is noted; then no mutant runs.</summary>
    public bool Notes
    {
        set => capture.SetValue(null, value);
    }

    /// <summary>Takes what was reached since the last time: in all, and of that in static initialisers.</summary>
    public (IReadOnlyList<int> All, IReadOnlyList<int> Static) Take()
    {
        var both = (IList<int>[])reached.Invoke(null, null)!;
        return ([.. both[0].Distinct()], [.. both[1].Distinct()]);
    }
}
