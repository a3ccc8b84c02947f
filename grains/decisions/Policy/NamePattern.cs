namespace Orchestrator.Decisions.Policy;

/// <summary>
/// A pattern of names of people, repositories or branches, with <c>*</c> and <c>?</c>. Names are caught without case; a name
/// is granted something only as it is written, since accounts that differ in case may be two people's.
/// </summary>
internal sealed class NamePattern
{
    private const int CharactersMax = 300;

    private readonly string folded;
    private readonly PathGlob? glob;
    private readonly Func<string, string> key;

    private NamePattern(
        string text,
        int line,
        string folded,
        PathGlob? glob,
        Func<string, string> key
    )
    {
        Text = text;
        Line = line;
        this.folded = folded;
        this.glob = glob;
        this.key = key;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Where it stands.</summary>
    public int Line { get; }

    /// <summary>Of a requester, an approver.</summary>
    public static NamePattern? OfPerson(string text, int line, out string problem)
    {
        problem = Malformed(text);
        return problem.Length > 0
            ? null
            : new NamePattern(text, line, CanonicalForm.Fold(text), null, CanonicalForm.Fold);
    }

    /// <summary>Of a repository: with a '/' its whole path, without one its name.</summary>
    public static NamePattern? OfRepository(string text, int line, out string problem)
    {
        problem = Malformed(text);
        if (problem.Length > 0)
        {
            return null;
        }
        if (text.IndexOfAny(['/', '\\']) < 0)
        {
            return new NamePattern(text, line, CanonicalForm.Fold(WithoutGit(text)), null, NameOf);
        }
        var rooted = WithoutDrive(text.Replace('\\', '/')).TrimStart('/');
        var made = PathGlob.Read(WithoutGit(rooted), out problem);
        return made is null ? null : new NamePattern(text, line, "", made, RepositoryKey);
    }

    /// <summary>Of a branch; <c>HEAD</c> stands for a request that names none.</summary>
    public static NamePattern? OfBranch(string text, int line, out string problem)
    {
        problem = Malformed(text);
        if (problem.Length > 0)
        {
            return null;
        }
        var made = PathGlob.Read(BranchOf(text), out problem);
        return made is null ? null : new NamePattern(text, line, "", made, BranchKey);
    }

    /// <summary>True for the name in any spelling.</summary>
    public bool Catches(string name) => Matches(key(name));

    /// <summary>True for the name as it is written.</summary>
    public bool Grants(string name) => Wildcard.Matches(name, Text);

    /// <summary>True when both say the same.</summary>
    public bool Same(NamePattern other) => folded == other.folded && glob?.Text == other.glob?.Text;

    /// <summary>A repository's path in the one spelling that patterns are matched with.</summary>
    public static string RepositoryKey(string repository) =>
        WithoutGit(RepositoryPath.Of(WithoutDrive(repository.Replace('\\', '/'))).Key);

    private static string NameOf(string repository)
    {
        var whole = RepositoryKey(repository);
        return whole[(whole.LastIndexOf('/') + 1)..];
    }

    private bool Matches(string name) =>
        glob is not null ? glob.Matches(name) : Wildcard.Matches(name, folded);

    private static string Malformed(string text) =>
        text.Length is 0 or > CharactersMax
            ? $"has {text.Length} characters; 1 to {CharactersMax} are taken"
        : text.Any(char.IsControl) ? "holds a control character"
        : "";

    // "//?/C:/src" and "C:/src" are "c/src", as some shells write it.
    private static string WithoutDrive(string path)
    {
        var plain = path.StartsWith("//?/", StringComparison.Ordinal) ? path[4..] : path;
        return plain is [var drive, ':', ..] && char.IsAsciiLetter(drive)
            ? $"{drive}/{plain[2..].TrimStart('/')}"
            : plain;
    }

    private static string WithoutGit(string path)
    {
        var plain = path.TrimEnd('/');
        return plain.EndsWith(".git", StringComparison.OrdinalIgnoreCase) && plain.Length > 4
            ? plain[..^4].TrimEnd('/')
            : plain;
    }

    private static string BranchKey(string branch) => CanonicalForm.Fold(BranchOf(branch));

    // "main~0" and "main^{}" are ways to write "main".
    private static string BranchOf(string branch)
    {
        var name = branch.Length == 0 ? "HEAD" : branch;
        foreach (var prefix in (string[])["refs/heads/", "heads/", "refs/tags/", "tags/"])
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                name = name[prefix.Length..];
                break;
            }
        }
        // "@" alone is git's other word for HEAD; elsewhere only "@{" is no part of a name.
        var ends = new[]
        {
            name.IndexOfAny(['~', '^', ':']),
            name.IndexOf("@{", StringComparison.Ordinal),
        };
        var cut = ends.Where(e => e > 0).DefaultIfEmpty(name.Length).Min();
        return name[..cut] is "@" ? "HEAD" : name[..cut];
    }
}

/// <summary>Who has which role. Roles that include others are resolved.</summary>
internal sealed class PolicyRoles(IReadOnlyDictionary<string, IReadOnlyList<NamePattern>> members)
{
    /// <summary>No role at all.</summary>
    public static PolicyRoles None { get; } =
        new(new Dictionary<string, IReadOnlyList<NamePattern>>());

    /// <summary>The names of all roles.</summary>
    public IReadOnlyList<string> Names => [.. members.Keys];

    /// <summary>Who has the role; empty when there is no such role.</summary>
    public IReadOnlyList<NamePattern> MembersOf(string role) =>
        members.TryGetValue(role, out var of) ? of : [];

    /// <summary>True when a role of that name is there.</summary>
    public bool Knows(string role) => members.ContainsKey(role);

    /// <summary>True when a restriction of the role meets the name, in whatever case.</summary>
    public bool Catches(string role, string name) =>
        members.TryGetValue(role, out var of) && of.Any(m => m.Catches(name));

    /// <summary>True when the name has the role's rights.</summary>
    public bool Grants(string role, string name) =>
        members.TryGetValue(role, out var of) && of.Any(m => m.Grants(name));
}
