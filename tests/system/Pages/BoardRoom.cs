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
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private static readonly (string Title, string Type, string? Priority, string Steps)[] Work =
    [
        (
            "Explain how carts are priced",
            "analyze",
            "low",
            """{"do":"say","text":"Prices are read once, when a line is added, and never again."}"""
        ),
        (
            "Say what the payment retry does",
            "summarize",
            null,
            """{"do":"say","text":"It tries three times, with a second in between."}"""
        ),
        (
            "Retry payments that time out",
            "analyze",
            "high",
            """{"do":"say","text":"I could not find it."},{"do":"exit","number":3}"""
        ),
        (
            "Review the new stock counter",
            "code_review",
            null,
            """{"do":"say","text":"Two of its tests cannot fail."}"""
        ),
    ];

    /// <summary>A few tasks that have ended.</summary>
    public static async Task FillAsync(SharedSilo shared)
    {
        if ((await shared.Client.ListAsync()).Tasks.Count >= Work.Length)
        {
            return;
        }
        var repository = await ShopAsync();
        foreach (var (title, type, priority, steps) in Work)
        {
            var task = await shared.Client.SubmitAsync(
                SiloProcess.Scripted(steps, repository, type) with
                {
                    Title = title,
                    Priority = priority,
                    Request = title + ".",
                }
            );
            using var limit = new CancellationTokenSource(Deadline);
            await task.WaitAsync(limit.Token);
        }
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
