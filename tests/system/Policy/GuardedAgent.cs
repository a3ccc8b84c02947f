using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.Runners;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Policy;

/// <summary>A silo with a lane for documents, and the real Claude Code CLI that a scripted model drives into its walls.</summary>
internal sealed class GuardedAgent : IAsyncDisposable
{
    /// <summary>Stands in files that no run may read.</summary>
    public const string Canary = "canary-of-the-host-7f3a";

    private const string Lanes = """
        version: 1
        name: guard
        lanes:
          docs:
            types: [documentation]
            write: direct
            paths: [docs/**]
            protect: [docs/legal/**]
            tools: [Read, Glob, Grep, Edit, Write, Bash]
            commands: [cp, git]
          code:
            types: [fix]
            write: direct
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);
    private readonly ModelApi model;

    private GuardedAgent(SiloProcess silo, ModelApi model, string host) =>
        (Silo, this.model, Host) = (silo, model, host);

    public SiloProcess Silo { get; }

    /// <summary>A folder of the host with a secret in it.</summary>
    public string Host { get; }

    /// <summary>Starts both.</summary>
    /// <param name="scenarios">By name, made with the host's folder and the silo's data directory.</param>
    /// <param name="executable">The agent's program.</param>
    /// <param name="more">Further arguments of the silo.</param>
    public static async Task<GuardedAgent> StartAsync(
        Func<string, string, IReadOnlyDictionary<string, IReadOnlyList<JsonObject>>> scenarios,
        string executable,
        params string[] more
    )
    {
        var (host, data) = (SiloProcess.NewFolder(), Path.Combine(SiloProcess.NewFolder(), "data"));
        Directory.CreateDirectory(Path.Combine(host, ".ssh"));
        await File.WriteAllTextAsync(Path.Combine(host, ".ssh", "id_rsa"), Canary);
        ModelApi? model = null;
        SiloProcess? silo = null;
        try
        {
            model = await ModelApi.StartAsync(scenarios(host, data));
            silo = SiloProcess.At(
                data,
                [
                    "--Runner:ClaudeCode:Executable=" + executable,
                    "--Runner:ClaudeCode:Environment:ANTHROPIC_API_KEY=test-key-not-real",
                    "--Runner:ClaudeCode:Environment:ANTHROPIC_BASE_URL=" + model.Address,
                    "--Runner:ClaudeCode:Environment:CLAUDE_CODE_MAX_RETRIES=1",
                    "--Task:TriesMax=1",
                    .. more,
                ]
            );
            await silo.StartAsync();
            await silo.Client.SetPolicyAsync(new SetPolicyRequest { Text = Lanes });
            var agent = new GuardedAgent(silo, model, host);
            (model, silo) = (null, null);
            return agent;
        }
        finally
        {
            await (silo?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (model?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>Documents, sources, a protected file, links, and whatever the shell lines add.</summary>
    public Task<string> RepositoryAsync(string more = ":") =>
        WorkspaceRoom.RepositoryAsync(
            $"""
            mkdir -p docs/legal src
            echo old >docs/old.md; echo terms >docs/legal/terms.md; echo old >src/old.cs
            ln -s ../src docs/side; ln -s {Host} docs/host
            {more}
            git add -A; git commit -qm base
            """
        );

    /// <summary>One run to its end; what the model was told of each call, by the order of the calls.</summary>
    public async Task<(TaskSnapshot End, IReadOnlyList<CallEnd> Calls)> RunAsync(
        string scenario,
        string repository,
        string type = "documentation"
    )
    {
        var before = model.Requests.Count;
        var task = await Silo.Client.SubmitAsync(
            new SubmitRequest
            {
                Request = $"Write the documents. [[sc:{scenario}]]",
                Type = type,
                Repository = repository,
            }
        );
        using var limit = new CancellationTokenSource(Deadline);
        var end = await task.WaitAsync(limit.Token);
        var last = model
            .Requests.Skip(before)
            .LastOrDefault(r => r.Contains($"[[sc:{scenario}]]", StringComparison.Ordinal));
        return (end, last is null ? [] : Ends(last));
    }

    /// <summary>All that the model was sent.</summary>
    public IEnumerable<string> Told => model.Requests;

    /// <summary>The exported record of a task.</summary>
    public async Task<JsonElement> RecordAsync(string taskId)
    {
        await Exports.WaitAsync(Silo.Data, [taskId]);
        var file = Path.Combine(Silo.Data, "results", taskId + ".json");
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(file));
        return document.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync();
        await model.DisposeAsync();
    }

    private static List<CallEnd> Ends(string request)
    {
        var ends = new List<CallEnd>();
        foreach (var message in JsonNode.Parse(request)!["messages"]!.AsArray())
        {
            if (message!["content"] is not JsonArray parts)
            {
                continue;
            }
            foreach (var part in parts.Where(p => p!["type"]?.GetValue<string>() == "tool_result"))
            {
                ends.Add(
                    new CallEnd(
                        part!["is_error"]?.GetValue<bool>() == true,
                        part["content"]?.ToJsonString() ?? ""
                    )
                );
            }
        }
        return ends;
    }
}

/// <summary>What a call came to.</summary>
/// <param name="Refused">True: an error.</param>
/// <param name="Text">What the model was told.</param>
internal sealed record CallEnd(bool Refused, string Text);
