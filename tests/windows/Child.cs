using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.WindowsTests;

/// <summary>What this program plays as a child of its tests.</summary>
internal static class Child
{
    /// <summary>First argument of a child.</summary>
    public const string Verb = "--child";

    /// <summary>Exit code after an interrupt that was heard.</summary>
    public const int Interrupted = 42;

    // Nobody may be left for long when a test that should end it fails.
    private static readonly TimeSpan LingerMax = TimeSpan.FromMinutes(2);

    /// <summary>How the product starts this program as a child.</summary>
    public static ProcessOrder Order(params string[] play) =>
        new(
            Environment.ProcessPath!,
            [Verb, .. play],
            AppContext.BaseDirectory,
            Variables(),
            "test-" + Guid.NewGuid().ToString("N")
        );

    /// <summary>The switches of the runtime that this program was started with: without them .NET does not run on Wine.</summary>
    public static Dictionary<string, string> Variables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (
            System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables()
        )
        {
            if (((string)variable.Key).StartsWith("DOTNET_", StringComparison.Ordinal))
            {
                variables[(string)variable.Key] = (string?)variable.Value ?? "";
            }
        }
        return variables;
    }

    /// <summary>Plays one.</summary>
    public static async Task<int> PlayAsync(string[] play) =>
        play switch
        {
            ["arguments", .. var rest] => Say(JsonSerializer.Serialize(rest)),
            ["repeat"] => await RepeatAsync(),
            ["flood", var mebibytes] => await FloodAsync(
                int.Parse(mebibytes, CultureInfo.InvariantCulture)
            ),
            ["linger"] => Linger(),
            ["ready"] => Say("ready") + Linger(),
            ["tree"] => Tree(),
            ["middle"] => Middle(),
            ["owner"] => await OwnAsync(),
            ["console"] => Hear(),
            ["token"] => Say(ChildToken.Told()),
            _ => 2,
        };

    private static int Say(string line)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(new UTF8Encoding(false).GetBytes(line + "\n"));
        output.Flush();
        return 0;
    }

    // Back as it was understood, not as it came: bytes that are passed through would hide a wrong encoding.
    private static async Task<int> RepeatAsync()
    {
        using var reader = new StreamReader(
            Console.OpenStandardInput(),
            new UTF8Encoding(false, throwOnInvalidBytes: true)
        );
        return Say(await reader.ReadToEndAsync());
    }

    private static async Task<int> FloodAsync(int mebibytes)
    {
        var block = Encoding.ASCII.GetBytes(new string('x', 1023) + "\n");
        async Task WriteAsync(Stream stream)
        {
            await using (stream)
            {
                for (var i = 0; i < mebibytes * 1024; i++)
                {
                    await stream.WriteAsync(block);
                }
            }
        }
        await Task.WhenAll(
            WriteAsync(Console.OpenStandardOutput()),
            Task.Run(() => WriteAsync(Console.OpenStandardError()))
        );
        return 0;
    }

    private static int Linger()
    {
        using var forever = new ManualResetEventSlim();
        forever.Wait(LingerMax);
        return 9;
    }

    // A root whose grandchild has no parent any more: who follows parents does not find it.
    private static int Tree()
    {
        using var middle = Start("middle", redirect: true);
        var grandchild = middle.StandardOutput.ReadLine();
        middle.WaitForExit();
        Say(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {grandchild}"));
        return Linger();
    }

    private static int Middle()
    {
        using var grandchild = Start("linger", redirect: false);
        return Say(grandchild.Id.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task<int> OwnAsync()
    {
        using var starter = new ProcessGroupStarter("owner", TimeProvider.System);
        await using var group = await starter.StartAsync(Order("tree"));
        using var reader = new StreamReader(group.StandardOutput);
        Say(await reader.ReadLineAsync() ?? "");
        return Linger();
    }

    private static int Hear()
    {
        using var heard = new ManualResetEventSlim();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            heard.Set();
        };
        Say("ready");
        return heard.Wait(LingerMax) ? Interrupted : 9;
    }

    private static Process Start(string play, bool redirect) =>
        Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [Verb, play])
            {
                UseShellExecute = false,
                RedirectStandardOutput = redirect,
            }
        )!;
}
