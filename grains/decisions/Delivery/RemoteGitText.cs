using Orchestrator.Decisions.Mediation;

namespace Orchestrator.Decisions.Delivery;

/// <summary>What a remote's refusal means.</summary>
public enum RemoteGitAnswer
{
    /// <summary>Not reachable, cut, or in words that are not known: it may be tried again.</summary>
    Unavailable = 0,

    /// <summary>The branch stands elsewhere than was known: fetch, look, and try again.</summary>
    Moved = 1,

    /// <summary>The host looked at the push and takes it not: protection, a rule, a hook.</summary>
    Refused = 2,

    /// <summary>The credential is not accepted.</summary>
    Unauthorised = 3,

    /// <summary>The credential is accepted and lacks the right.</summary>
    Forbidden = 4,

    /// <summary>No such repository, or none that the credential may see.</summary>
    NotFound = 5,
}

/// <summary>Reads what git says when a fetch or a push fails, in its untranslated words.</summary>
public static class RemoteGitText
{
    private const int WordsMax = 1_000;

    // The first that fits counts.
    private static readonly (string Words, RemoteGitAnswer Answer)[] Known =
    [
        ("cannot lock ref", RemoteGitAnswer.Moved),
        ("reference already exists", RemoteGitAnswer.Moved),
        ("(non-fast-forward)", RemoteGitAnswer.Moved),
        ("(fetch first)", RemoteGitAnswer.Moved),
        ("[remote rejected]", RemoteGitAnswer.Refused),
        ("pre-receive hook declined", RemoteGitAnswer.Refused),
        ("protected branch", RemoteGitAnswer.Refused),
        ("error: 401", RemoteGitAnswer.Unauthorised),
        ("could not read Username", RemoteGitAnswer.Unauthorised),
        ("could not read Password", RemoteGitAnswer.Unauthorised),
        ("Authentication failed", RemoteGitAnswer.Unauthorised),
        ("Invalid username or", RemoteGitAnswer.Unauthorised),
        ("error: 403", RemoteGitAnswer.Forbidden),
        ("Write access to repository not granted", RemoteGitAnswer.Forbidden),
        ("error: 404", RemoteGitAnswer.NotFound),
        ("Repository not found", RemoteGitAnswer.NotFound),
        ("' not found", RemoteGitAnswer.NotFound),
    ];

    private static readonly string[] Damage =
    [
        "bad object",
        "bad tree",
        "bad packed",
        "bad config",
        "broken",
        "corrupt",
        "could not parse",
        "could not read",
        "does not point to",
        "empty",
        "failed to traverse",
        "garbage",
        "missing",
        "not a git repository",
        "packfile",
        "revision walk",
        "unable to find",
        "unable to open",
        "unable to parse",
        "unable to read",
        "unresolved",
    ];

    /// <summary>What it means.</summary>
    public static RemoteGitAnswer Read(string said)
    {
        ArgumentNullException.ThrowIfNull(said);
        return Known
            .FirstOrDefault(k => said.Contains(k.Words, StringComparison.OrdinalIgnoreCase))
            .Answer;
    }

    /// <summary>True when it may be the clone, not the host: then the clone is looked through, which takes long in a big one.</summary>
    public static bool HintsAtDamage(string said)
    {
        ArgumentNullException.ThrowIfNull(said);
        return Damage.Any(d => said.Contains(d, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Its words for a person: what the remote itself said first, in one line of at most 1,000 characters.</summary>
    public static string Words(string said)
    {
        ArgumentNullException.ThrowIfNull(said);
        var lines = said.ReplaceLineEndings("\n")
            .Split('\n')
            .Select(l => l.Trim())
            .Where(l =>
                l.Length > 0
                && !l.StartsWith("hint:", StringComparison.Ordinal)
                && !l.StartsWith("To ", StringComparison.Ordinal)
            )
            .ToList();
        var remote = lines
            .Where(l => l.StartsWith("remote:", StringComparison.Ordinal))
            .Select(l => l["remote:".Length..].Trim())
            .Where(l => l.Length > 0);
        var text = string.Join(
            " ",
            remote.Concat(lines.Where(l => !l.StartsWith("remote:", StringComparison.Ordinal)))
        );
        return text.Length > WordsMax ? TextCut.Head(text, WordsMax - 1) + "…" : text;
    }
}
