namespace Orchestrator.Decisions.Policy;

/// <summary>Stub.</summary>
public sealed record PolicyProblem(int Line, int Column, string Message);

/// <summary>Stub.</summary>
public static class PolicyReader
{
    /// <summary>Stub.</summary>
    public static string DefaultText => "";

    /// <summary>Stub.</summary>
    public static string DefaultFileName => "default.yaml";

    /// <summary>Stub.</summary>
    public static PolicyDocument Default { get; } = new() { Id = "default@000000000000" };

    /// <summary>Stub.</summary>
    public static (PolicyDocument? Policy, IReadOnlyList<PolicyProblem> Problems) Read(
        string text,
        string fileName
    ) => (new PolicyDocument { Id = "x" }, []);
}
