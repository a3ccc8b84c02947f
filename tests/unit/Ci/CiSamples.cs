using Orchestrator.Decisions.Ci;

namespace Orchestrator.UnitTests.Ci;

/// <summary>A change and what is said of it, from which the tests of the formats make their reports.</summary>
internal static class CiSamples
{
    public static readonly string Base = new('a', 40);
    public static readonly string Head = new('b', 40);
    public static readonly string From = "0123456789abcdef" + new string('c', 24);

    public static readonly CiSubject Subject = new(
        Base,
        From,
        Head,
        "GITHUB_BASE_REF",
        "team@1e69e186f191",
        ".orchestrator/policy.yaml",
        4,
        5,
        6
    );

    public static readonly CiFinding Finding = new(
        CiCheck.Policy,
        CiLevel.Error,
        "protect",
        "src/a.cs",
        3,
        7,
        "It is protected.",
        "policy.yaml:12"
    );

    /// <summary>A report that lists all that there is.</summary>
    public static CiReport Report(int exitCode, params CiFinding[] findings) =>
        new(Subject, findings, findings.Length, exitCode);

    /// <summary>A report of so many findings, all of them listed.</summary>
    public static CiReport Many(int findings) =>
        Report(3, [.. Enumerable.Repeat(Finding, findings)]);
}
