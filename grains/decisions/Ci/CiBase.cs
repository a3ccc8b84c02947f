using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Decisions.Ci;

/// <summary>Where a CI system says what a change is compared with.</summary>
/// <param name="System">Whose annotations are understood there.</param>
/// <param name="Candidates">Names of commits with what named them; the first that is there counts. Empty = it does not say.</param>
public sealed record CiBase(CiSystem System, IReadOnlyList<(string Ref, string From)> Candidates)
{
    private static readonly (string[] Path, string Remote)[] EventPaths =
    [
        (["pull_request", "base", "sha"], ""),
        (["merge_group", "base_sha"], ""),
        (["before"], ""),
        (["repository", "default_branch"], "origin/"),
    ];

    private const int EventCharactersMax = 16 * 1024 * 1024;

    /// <summary>Reads a CI system's variables.</summary>
    /// <param name="variable">A variable of the environment; null when it is not set.</param>
    /// <param name="gitHubEvent">Content of the file that GITHUB_EVENT_PATH names, or null.</param>
    public static CiBase Of(Func<string, string?> variable, string? gitHubEvent)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var found = new List<(string Ref, string From)>();
        var system = SystemOf(variable);
        Add("ORCHESTRATOR_BASE", "");
        switch (system)
        {
            case CiSystem.GitHub:
                // The branch as it is now comes before the commit that it was: what was run again is not judged by an older policy.
                Add("GITHUB_BASE_REF", "origin/");
                AddEvent(gitHubEvent, found);
                break;
            case CiSystem.GitLab:
                Add("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "origin/");
                Add("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "");
                Add("CI_MERGE_REQUEST_DIFF_BASE_SHA", "");
                Add("CI_COMMIT_BEFORE_SHA", "");
                Add("CI_DEFAULT_BRANCH", "origin/");
                break;
            case CiSystem.Azure:
                Add("SYSTEM_PULLREQUEST_TARGETBRANCH", "origin/");
                break;
            default:
                Add("CHANGE_TARGET", "origin/"); // Jenkins
                Add("BITBUCKET_PR_DESTINATION_BRANCH", "origin/");
                Add("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "origin/");
                break;
        }
        return new CiBase(system, found);

        void Add(string name, string remote)
        {
            if (variable(name)?.Trim() is { Length: > 0 } value)
            {
                AddRef(found, value, remote, name);
            }
        }
    }

    private static CiSystem SystemOf(Func<string, string?> variable)
    {
        return Is("GITHUB_ACTIONS") ? CiSystem.GitHub
            : Is("GITLAB_CI") ? CiSystem.GitLab
            : Is("TF_BUILD") ? CiSystem.Azure
            : CiSystem.None;

        // Azure writes True.
        bool Is(string name) =>
            string.Equals(variable(name), "true", StringComparison.OrdinalIgnoreCase);
    }

    private static void AddEvent(string? text, List<(string Ref, string From)> found)
    {
        if (text is null || text.Length > EventCharactersMax)
        {
            return;
        }
        try
        {
            var root = JsonNode.Parse(text);
            foreach (var (path, remote) in EventPaths)
            {
                var node = path.Aggregate(root, (at, name) => (at as JsonObject)?[name]);
                if (node is JsonValue value && value.TryGetValue<string>(out var named))
                {
                    AddRef(found, named, remote, "GITHUB_EVENT_PATH " + string.Join('.', path));
                }
            }
        }
        // A member that stands twice and half a surrogate are found only when they are looked at.
        catch (Exception e)
            when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // What is no event names no base; the caller says that there is none.
        }
    }

    private static void AddRef(
        List<(string Ref, string From)> found,
        string value,
        string remote,
        string from
    )
    {
        const string Branch = "refs/heads/";
        // Of a branch that is new there is no commit before, which is told in zeros; a branch may be called 0.
        if (value.Trim('0').Length == 0 && (remote.Length == 0 || value.Length is 0 or 40 or 64))
        {
            return;
        }
        var name = value.StartsWith(Branch, StringComparison.Ordinal)
            ? value[Branch.Length..]
            : value;
        found.Add((remote.Length > 0 ? "refs/remotes/" + remote + name : value, from));
    }
}
