using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.SystemTests.Pages;

/// <summary>What there is to see on a board under test.</summary>
internal static class BoardRoom
{
    /// <summary>A policy that asks before work reaches the repository.</summary>
    public const string Guarded = """
        version: 1
        name: board
        self_approval: true
        lanes:
          code:
            types: [fix]
            write: guarded
            approvals:
              - name: somebody looks
          docs:
            types: [documentation]
            write: direct
          look:
            types: [analyze, summarize, code_review]
            write: none
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static readonly (
        string By,
        string Title,
        string Type,
        string? Priority,
        string Steps
    )[] Work =
    [
        (
            "ann",
            "Explain how carts are priced",
            "analyze",
            "low",
            Said("Prices are read once, when a line is added, and never again.", 0.31)
        ),
        (
            "ben",
            "Say what the payment retry does",
            "summarize",
            null,
            Said("It tries three times, with a second in between.", 0.12)
        ),
        (
            "ann",
            "Find out why payments time out",
            "analyze",
            "high",
            """{"do":"say","text":"I could not find it."},{"do":"exit","number":3}"""
        ),
        (
            "ben",
            "Review the new stock counter",
            "code_review",
            null,
            Said("Two of its tests cannot fail.", 0.54)
        ),
        (
            "cleo",
            "Write down how invoices are numbered",
            "documentation",
            null,
            """{"do":"write","path":"docs/invoices.md","text":"# Invoices\n\nNumbers have no gaps.\n"},"""
                + Said("docs/invoices.md says it now.", 0.22)
        ),
        (
            "ann",
            "Sort the stock list by name",
            "fix",
            null,
            """{"do":"write","path":"src/stock.py","text":"def stock(items):\n    return sorted(items)\n"},"""
                + Said("It is sorted now.", 0.47)
        ),
    ];

    /// <summary>A few tasks of a few people; all but one have ended, and that one asks.</summary>
    public static async Task FillAsync(SharedSilo shared)
    {
        if ((await shared.Client.ListAsync()).Tasks.Count >= Work.Length)
        {
            return;
        }
        await shared.Client.SetPolicyAsync(new SetPolicyRequest { Text = Guarded });
        var repository = await ShopAsync();
        foreach (var (by, title, type, priority, steps) in Work)
        {
            var token = await shared.Client.CreateTokenAsync(
                new TokenRequest { Name = by, Scopes = ["read", "submit"] }
            );
#pragma warning disable CA2000 // it is let go
            using var client = new OrchestratorClient(shared.Discovery.Address, token.Secret!);
#pragma warning restore CA2000
            var task = await client.SubmitAsync(
                SiloProcess.Scripted(steps, repository, type) with
                {
                    Title = title,
                    Priority = priority,
                    Request = title + ".",
                }
            );
            await FactWait.SeenAsync(
                shared.Silo,
                task.TaskId,
                f => f is TaskFact.Delivered or TaskFact.Failed or TaskFact.ApprovalAsked
            );
        }
    }

    // As an agent that was paid for says it.
    private static string Said(string text, double cost) =>
        JsonSerializer.Serialize(
            new
            {
                @do = "result",
                text,
                fields = new
                {
                    total_cost_usd = cost,
                    usage = new { input_tokens = (int)(cost * 40_000), output_tokens = 900 },
                },
            }
        );

    /// <summary>Tasks whose every word comes from somebody who would like to run a script on the board: one that is done, one that failed its checks.</summary>
    public static async Task<IReadOnlyList<string>> HostileAsync(SharedSilo shared)
    {
        const string Run = "globalThis.hit=1";
        const string Image = $"<img src=x onerror={Run}>";
        await FillAsync(shared);
        var repository = await ShopAsync();
        await File.WriteAllTextAsync(
            Path.Combine(repository, "notes.txt"),
            $"<svg onload={Run}>\n</textarea></pre>{Image}\n"
        );
        await File.WriteAllTextAsync(
            Path.Combine(repository, ".orchestrator.yaml"),
            $"verify:\n  - cat notes.txt\n  - \"test ! -e bad.txt # <iframe onload={Run}>\"\n"
        );
        await Git.RunAsync(repository, "add", "-A");
        await Git.RunAsync(
            repository,
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@localhost",
            "commit",
            "-q",
            "-m",
            "Be hostile"
        );
        string Steps(string file) =>
            string.Join(
                ',',
                (
                    (object[])
                        [
                            new { @do = "say", text = $"I begin <body onload={Run}>" },
                            new
                            {
                                @do = "write",
                                path = $"<img src=x onerror={Run}>.txt",
                                text = $"{Image}\n<script>{Run}</script>\njavascript:{Run}\n",
                            },
                            new
                            {
                                @do = "write",
                                path = file,
                                text = $"\u202e{Image}\n",
                            },
                            new
                            {
                                @do = "say",
                                text = $"# Done\n\n[link](javascript:{Run}) {Image}",
                            },
                        ]
                ).Select(s => JsonSerializer.Serialize(s))
            );
        var ids = new List<string>();
        foreach (
            var (file, type) in ((string, string)[])
                [("good.txt", "documentation"), ("bad.txt", "documentation")]
        )
        {
            var task = await shared.Client.SubmitAsync(
                SiloProcess.Scripted(Steps(file), repository, type) with
                {
                    Title = $"Look at {Image}",
                    Request = $"\"><script>{Run}</script> please",
                    Constraints = [$"It must hold {Image}"],
                }
            );
            using var limit = new CancellationTokenSource(Deadline);
            await task.WaitAsync(limit.Token);
            ids.Add(task.TaskId);
        }
        return ids;
    }

    /// <summary>A small shop.</summary>
    public static async Task<string> ShopAsync()
    {
        var folder = Path.Combine(SiloProcess.NewFolder(), "shop");
        Directory.CreateDirectory(Path.Combine(folder, "src"));
        Directory.CreateDirectory(Path.Combine(folder, "tests"));
        await File.WriteAllTextAsync(
            Path.Combine(folder, "src", "total.py"),
            "# Totals of invoices.\ndef total(net, tax):\n    # A cent is a cent.\n    return round(net + tax, 2)\n"
        );
        await File.WriteAllTextAsync(
            Path.Combine(folder, ".orchestrator.yaml"),
            "verify:\n  - git diff --check\n  - git log --oneline -1\n"
        );
        await Git.RunAsync(folder, "init", "-q", "-b", "main");
        await Git.RunAsync(folder, "add", "-A");
        await Git.RunAsync(
            folder,
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@localhost",
            "commit",
            "-q",
            "-m",
            "Sell things"
        );
        return folder;
    }
}
