using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.SystemTests.StandIns;

/// <summary>
/// A GitHub on a free loopback port: the third-party emulator (npm emulate) for the API, real git behind it for clone, push
/// and merge. Repositories belong to <c>acme</c>; the product is <see cref="Bot"/>, the other people are other people.
/// </summary>
public sealed class GitHubStandIn : IAsyncDisposable
{
    /// <summary>The product's account.</summary>
    public const string Bot = "orchestrator-bot";

    /// <summary>Owns the repositories.</summary>
    public const string Owner = "acme";

    /// <summary>Somebody who may push.</summary>
    public const string Reviewer = "reviewer";

    /// <summary>Somebody without any right.</summary>
    public const string Stranger = "stranger";

    /// <summary>The token of a workflow's job.</summary>
    public const string JobToken = "ghs_job";

    /// <summary>Id of the GitHub App; its installation is found by the repository.</summary>
    public const int AppId = 4711;

    private readonly NodeTool tool;
    private readonly HttpClient http;
    private readonly string folder;
    private int repositories;

    private GitHubStandIn(NodeTool tool, string folder)
    {
        this.tool = tool;
        this.folder = folder;
        http = new HttpClient { BaseAddress = tool.Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Address of the API, and of git.</summary>
    public Uri Address => tool.Address;

    /// <summary>The private key of the App, PEM.</summary>
    public string AppKeyFile => Path.Combine(folder, "app-key.pem");

    /// <summary>What it said.</summary>
    public IReadOnlyList<string> Said => tool.Said;

    /// <summary>A person's token.</summary>
    public static string TokenOf(string person) => "tok_" + person;

    /// <summary>Starts it; it fails loudly when node or the emulator is missing.</summary>
    public static async Task<GitHubStandIn> StartAsync()
    {
        var folder = SiloProcess.NewFolder();
#pragma warning disable CA2000 // ended with the stand-in
        return new GitHubStandIn(await NodeTool.ServeAsync("github/host.mjs", folder), folder);
#pragma warning restore CA2000
    }

    /// <summary>A repository of its own for a test, with files on <c>main</c>; the bot and the reviewer may push. Its full name.</summary>
    public async Task<string> RepositoryAsync(params (string Path, string Text)[] files)
    {
        var name = $"shop-{Interlocked.Increment(ref repositories)}";
        var all = new JsonObject();
        foreach (var (path, text) in files)
        {
            all[path] = text;
        }
        await DoorAsync(
            "repositories",
            new JsonObject
            {
                ["owner"] = Owner,
                ["name"] = name,
                ["files"] = all,
                ["collaborators"] = new JsonArray(Bot, Reviewer),
            }
        );
        return Owner + "/" + name;
    }

    /// <summary>Calls the API as a person; throws on a refusal.</summary>
    public async Task<JsonNode?> AsAsync(
        string person,
        HttpMethod method,
        string path,
        JsonNode? body = null
    )
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("token", TokenOf(person));
        if (body is not null)
        {
            request.Content = new StringContent(
                body.ToJsonString(),
                Encoding.UTF8,
                "application/json"
            );
        }
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? text.Length > 0
                ? JsonNode.Parse(text)
                : null
            : throw new InvalidOperationException($"{method} {path}: {answer.StatusCode} {text}");
    }

    /// <summary>Reviews: <c>APPROVE</c>, <c>REQUEST_CHANGES</c>, <c>COMMENT</c>. The review's id.</summary>
    public async Task<long> ReviewAsync(
        string repository,
        int number,
        string person,
        string verdict,
        string text
    ) =>
        IdOf(
            await AsAsync(
                person,
                HttpMethod.Post,
                $"repos/{repository}/pulls/{number}/reviews",
                new JsonObject { ["event"] = verdict, ["body"] = text }
            )
        );

    /// <summary>Comments on a line of the head. The comment's id.</summary>
    public async Task<long> LineCommentAsync(
        string repository,
        int number,
        string person,
        string path,
        int line,
        string text
    ) =>
        IdOf(
            await AsAsync(
                person,
                HttpMethod.Post,
                $"repos/{repository}/pulls/{number}/comments",
                new JsonObject
                {
                    ["body"] = text,
                    ["path"] = path,
                    ["line"] = line,
                    ["side"] = "RIGHT",
                    ["commit_id"] = (await PullRequestAsync(repository, number))["head"]![
                        "sha"
                    ]!.ToString(),
                }
            )
        );

    /// <summary>Comments below a pull request. The comment's id.</summary>
    public async Task<long> CommentAsync(
        string repository,
        int number,
        string person,
        string text
    ) =>
        IdOf(
            await AsAsync(
                person,
                HttpMethod.Post,
                $"repos/{repository}/issues/{number}/comments",
                new JsonObject { ["body"] = text }
            )
        );

    /// <summary>Sets a check run of a commit. Its id. A conclusion makes it completed.</summary>
    public async Task<long> CheckRunAsync(
        string repository,
        string head,
        string name,
        string? conclusion,
        string summary = ""
    ) =>
        IdOf(
            await AsAsync(
                Owner,
                HttpMethod.Post,
                $"repos/{repository}/check-runs",
                new JsonObject
                {
                    ["name"] = name,
                    ["head_sha"] = head,
                    ["status"] = conclusion is null ? "in_progress" : "completed",
                    ["conclusion"] = conclusion,
                    ["output"] = new JsonObject { ["title"] = name, ["summary"] = summary },
                }
            )
        );

    /// <summary>Merges as a person; the commit.</summary>
    public async Task<string> MergeAsync(string repository, int number, string person) =>
        (
            await AsAsync(
                person,
                HttpMethod.Put,
                $"repos/{repository}/pulls/{number}/merge",
                new JsonObject()
            )
        )!["sha"]!.ToString();

    /// <summary>Closes without a merge.</summary>
    public Task CloseAsync(string repository, int number, string person) =>
        AsAsync(
            person,
            HttpMethod.Patch,
            $"repos/{repository}/pulls/{number}",
            new JsonObject { ["state"] = "closed" }
        );

    /// <summary>Deletes a branch.</summary>
    public Task DeleteBranchAsync(string repository, string branch) =>
        AsAsync(Owner, HttpMethod.Delete, $"repos/{repository}/git/refs/heads/{branch}");

    /// <summary>Writes a file onto a branch, as a commit of a person. The commit.</summary>
    public async Task<string> CommitAsync(
        string repository,
        string branch,
        string person,
        string path,
        string text
    )
    {
        var content = new JsonObject
        {
            ["message"] = "Change " + path,
            ["content"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text)),
            ["branch"] = branch,
        };
        using var there = await http.GetAsync(
            At($"repos/{repository}/contents/{path}?ref={Uri.EscapeDataString(branch)}")
        );
        if (there.IsSuccessStatusCode)
        {
            content["sha"] = JsonNode.Parse(await there.Content.ReadAsStringAsync())![
                "sha"
            ]!.ToString();
        }
        var made = await AsAsync(
            person,
            HttpMethod.Put,
            $"repos/{repository}/contents/{path}",
            content
        );
        return made!["commit"]!["sha"]!.ToString();
    }

    /// <summary>From now on it sends signed webhooks of a repository, of every event.</summary>
    public Task HookAsync(string repository, Uri url, string secret) =>
        AsAsync(
            Owner,
            HttpMethod.Post,
            $"repos/{repository}/hooks",
            new JsonObject
            {
                ["name"] = "web",
                ["active"] = true,
                ["events"] = new JsonArray("*"),
                ["config"] = new JsonObject
                {
                    ["url"] = url.ToString(),
                    ["content_type"] = "json",
                    ["secret"] = secret,
                },
            }
        );

    /// <summary>A pull request as the API shows it.</summary>
    public async Task<JsonNode> PullRequestAsync(string repository, int number) =>
        (await AsAsync(Owner, HttpMethod.Get, $"repos/{repository}/pulls/{number}"))!;

    /// <summary>Every pull request, the newest first.</summary>
    public Task<IReadOnlyList<JsonNode>> PullRequestsAsync(string repository) =>
        ListAsync($"repos/{repository}/pulls?state=all");

    /// <summary>Comments below a pull request.</summary>
    public Task<IReadOnlyList<JsonNode>> CommentsAsync(string repository, int number) =>
        ListAsync($"repos/{repository}/issues/{number}/comments?per_page=100");

    /// <summary>Comments on lines.</summary>
    public Task<IReadOnlyList<JsonNode>> LineCommentsAsync(string repository, int number) =>
        ListAsync($"repos/{repository}/pulls/{number}/comments?per_page=100");

    /// <summary>The newest status of each context of a commit.</summary>
    public async Task<IReadOnlyList<JsonNode>> StatusesAsync(string repository, string head) =>
        [
            .. (await AsAsync(Owner, HttpMethod.Get, $"repos/{repository}/commits/{head}/status"))![
                "statuses"
            ]!
                .AsArray()
                .Select(s => s!),
        ];

    /// <summary>The commit of a branch, or null.</summary>
    public async Task<string?> BranchAsync(string repository, string branch)
    {
        using var answer = await http.GetAsync(At($"repos/{repository}/branches/{branch}"));
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["commit"]![
                "sha"
            ]!.ToString()
            : null;
    }

    /// <summary>Answers the next requests whose "METHOD /path" matches with a fault instead.</summary>
    /// <param name="pattern">Regular expression, as JavaScript reads it.</param>
    /// <param name="status">The status.</param>
    /// <param name="times">How many requests.</param>
    /// <param name="body">The body.</param>
    /// <param name="headers">Headers.</param>
    /// <param name="mode"><c>answer</c>; <c>drop</c>: cut without handling it; <c>drop-after</c>: handled, the answer lost; <c>hang</c>.</param>
    public Task FaultAsync(
        string pattern,
        int status = 0,
        int times = 1,
        string body = """{"message":"said no"}""",
        IReadOnlyDictionary<string, string>? headers = null,
        string mode = "answer"
    )
    {
        var all = new JsonObject { ["content-type"] = "application/json; charset=utf-8" };
        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
        {
            all[name] = value;
        }
        return DoorAsync(
            "faults",
            new JsonObject
            {
                ["pattern"] = pattern,
                ["status"] = status,
                ["times"] = times,
                ["body"] = body,
                ["headers"] = all,
                ["mode"] = mode,
            }
        );
    }

    /// <summary>The requests so far: <c>method</c>, <c>path</c>, <c>query</c>, <c>status</c>, <c>body</c>.</summary>
    public async Task<IReadOnlyList<JsonNode>> RequestsAsync() =>
        [
            .. JsonNode
                .Parse(await http.GetStringAsync(At("_stand-in/requests")))!
                .AsArray()
                .Select(r => r!),
        ];

    /// <summary>Ends when a request whose "METHOD /path" matches comes in, from now on.</summary>
    public Task NextRequestAsync(string pattern) =>
        DoorAsync("wait", new JsonObject { ["pattern"] = pattern });

    /// <summary>A token is worth nothing any more.</summary>
    public Task RevokeAsync(string token) =>
        DoorAsync("revoke", new JsonObject { ["token"] = token });

    /// <summary>Pushes are refused with these words; empty = taken again.</summary>
    public Task RefusePushesAsync(string repository, string words) =>
        DoorAsync(
            "refuse-pushes",
            new JsonObject { ["repository"] = repository, ["words"] = words }
        );

    /// <summary>The log of a job (a check run's id).</summary>
    public Task JobLogAsync(long id, string text) =>
        DoorAsync($"logs/{id}", new JsonObject { ["text"] = text });

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await tool.DisposeAsync();
    }

    private static Uri At(string path) => new(path, UriKind.Relative);

    private static long IdOf(JsonNode? made) => made!["id"]!.GetValue<long>();

    private async Task<IReadOnlyList<JsonNode>> ListAsync(string path) =>
        [.. (await AsAsync(Owner, HttpMethod.Get, path))!.AsArray().Select(i => i!)];

    private async Task DoorAsync(string what, JsonObject body)
    {
        using var content = new StringContent(
            body.ToJsonString(),
            Encoding.UTF8,
            "application/json"
        );
        using var answer = await http.PostAsync(At("_stand-in/" + what), content);
        answer.EnsureSuccessStatusCode();
    }
}
