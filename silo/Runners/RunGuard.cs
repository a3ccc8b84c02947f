using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Silo.Runners.Sandbox;

namespace Orchestrator.Silo.Runners;

/// <summary>The hook that judges each tool call of one run of Claude Code: an extra layer over its permission rules.</summary>
/// <param name="Arguments">Further arguments of the agent.</param>
/// <param name="Binds">What a sandbox must show for it, read only.</param>
internal sealed record RunGuard(IReadOnlyList<string> Arguments, IReadOnlyList<SandboxBind> Binds)
{
    /// <summary>Name of the settings that name the hook.</summary>
    public const string SettingsName = "settings.json";

    /// <summary>Name of what the hook holds.</summary>
    public const string OrderName = "guard.json";

    // A hook that passes it lets its call through, and the run is ended for that: long enough for a host under load.
    private const int SecondsMax = 30;

    // Between double quotes they still mean something to a shell of Windows.
    private static readonly SearchValues<char> Meant = SearchValues.Create("\"$`%!\n");

    private static readonly JsonWriterOptions Json = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes settings and order into the attempt's guard folder; null when neither lane nor host gives it anything to hold.</summary>
    /// <exception cref="InvalidOperationException">The program's path cannot be named in a shell's line.</exception>
    /// <exception cref="IOException">What was written is not what is there.</exception>
    public static RunGuard? Write(
        RunOrder order,
        WorkspaceInfo workspace,
        RunFolders folders,
        string start,
        RunnerOptions options
    )
    {
        // A container shows nothing of this host's system: no program of it would start there.
        if (
            !GuardOrder.IsOwed(order.Lane, options.ClaudeCode.AllowedCommands)
            || options.Sandbox == SandboxHost.Podman
        )
        {
            return null;
        }
        var folder = folders.GuardOf(order.TaskId, order.Attempt);
        var tools = AgentRights.Tools(order.Kind, order.ReadOnly, order.Lane);
        var held = new GuardOrder
        {
            Worktree = RealPath.Of(workspace.Worktree),
            // Its own temporary files, and what the agent puts aside of long outputs beside its session.
            Readable =
            [
                folders.TemporaryOf(order.TaskId, order.Attempt),
                Path.Combine(
                    folders.Configuration,
                    "projects",
                    new string([.. start.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')])
                ),
            ],
            Lane = order.Lane!.Name,
            Writes = !order.ReadOnly && order.Lane.Write != GrainInterfaces.Policy.LaneWrite.None,
            Paths = order.Lane.Paths,
            Protected = order.Lane.Protected,
            Tools = tools,
            Commands = AgentRights.Commands(order.Lane, options.ClaudeCode.AllowedCommands),
            Asks = AgentRights.Asks(order.Lane),
            Granted = order.GrantedCommands,
        };
        var (settings, orderFile) = (
            Path.Combine(folder, SettingsName),
            Path.Combine(folder, OrderName)
        );
        Put(orderFile, held.Write());
        Put(settings, Settings(CommandLine(orderFile)));
        return new RunGuard(
            ["--settings", settings, "--include-hook-events"],
            [
                new SandboxBind(folder, folder),
                .. SandboxNeeds.Programs(
                    AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)
                ),
            ]
        );
    }

    // A settings file that the agent cannot read is dropped without a word, with all its hooks: what is there is looked at
    // again before it is used.
    private static void Put(string file, byte[] text)
    {
        File.WriteAllBytes(file, text);
        var there = File.ReadAllBytes(file);
        using var document = JsonDocument.Parse(there);
        if (!there.AsSpan().SequenceEqual(text))
        {
            throw new IOException($"{file} does not hold what was written into it.");
        }
    }

    private static byte[] Settings(string command)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Json))
        {
            json.WriteStartObject();
            json.WriteStartObject("hooks");
            json.WriteStartArray("PreToolUse");
            json.WriteStartObject();
            json.WriteString("matcher", "*");
            json.WriteStartArray("hooks");
            json.WriteStartObject();
            json.WriteString("type", "command");
            json.WriteString("command", command);
            json.WriteNumber("timeout", SecondsMax);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    // Exit code 2 is the only one that denies.
    private static string CommandLine(string orderFile) =>
        $"{string.Join(' ', Program().Append(ToolGuardCommand.Verb).Append(orderFile).Select(Quoted))} || exit 2";

    // By the runtime's own host: the agent's environment does not say where the runtime lies. Else the program itself.
    private static IReadOnlyList<string> Program()
    {
        var windows = OperatingSystem.IsWindows();
        var host = Path.GetFullPath(
            Path.Combine(
                RuntimeEnvironment.GetRuntimeDirectory(),
                "..",
                "..",
                "..",
                windows ? "dotnet.exe" : "dotnet"
            )
        );
        var assembly = Path.Combine(AppContext.BaseDirectory, "orchestrator-silo.dll");
        return File.Exists(host) && File.Exists(assembly)
            ? [host, assembly]
            : [Environment.ProcessPath ?? ""];
    }

    // One word for sh; on Windows for Git's bash and for cmd alike.
    private static string Quoted(string word)
    {
        if (!OperatingSystem.IsWindows())
        {
            return $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
        }
        return word.AsSpan().ContainsAny(Meant)
            ? throw new InvalidOperationException(
                $"{word} holds a character that no shell takes as it is, and the guard of the tools is started by one. Install the product, and keep its data, in a folder without \" $ ` % !."
            )
            : $"\"{word.Replace('\\', '/')}\"";
    }
}
