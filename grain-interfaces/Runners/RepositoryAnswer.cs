namespace Orchestrator.GrainInterfaces.Runners;

/// <summary>What a host says of a repository that a task names.</summary>
/// <param name="Repository">As it was asked for: a full path, or a name.</param>
/// <param name="Usable">True: it can be worked in there.</param>
/// <param name="Absent">True: there is no such folder or name on the host; another may have it.</param>
/// <param name="Code">A failure code; empty when it is usable.</param>
/// <param name="Problem">One sentence with the cure; empty when it is usable.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.repository-answer")]
public sealed record RepositoryAnswer(
    [property: Id(0)] string Repository,
    [property: Id(1)] bool Usable,
    [property: Id(2)] bool Absent,
    [property: Id(3)] string Code,
    [property: Id(4)] string Problem
);

/// <summary>Names that hosts give to repositories which lie at another path on each of them (<c>Runner:Repositories</c>).</summary>
public static class RepositoryNames
{
    /// <summary>Longest name, characters.</summary>
    public const int LengthMax = 58;

    /// <summary>True for 1 to 58 of <c>[A-Za-z0-9._-]</c> that begin with a letter or digit. No full path of any system is one.</summary>
    public static bool IsName(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is > 0 and <= LengthMax
            && char.IsAsciiLetterOrDigit(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
    }
}
