using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;

namespace Orchestrator.Decisions.Runners;

/// <summary>What the guard of one run holds: written beside the run's settings, read before each tool call.</summary>
public sealed record GuardOrder
{
    /// <summary>Largest order, bytes.</summary>
    public const int BytesMax = 4 * 1024 * 1024;

    /// <summary>Full path of the worktree, links resolved.</summary>
    public required string Worktree { get; init; }

    /// <summary>Full paths of further folders that may be read: the run's own.</summary>
    public required IReadOnlyList<string> Readable { get; init; }

    /// <summary>The lane's name.</summary>
    public required string Lane { get; init; }

    /// <summary>False: nothing is changed.</summary>
    public required bool Writes { get; init; }

    /// <summary>Globs of the paths that may be changed; empty = all.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Globs of the paths that may not.</summary>
    public required IReadOnlyList<string> Protected { get; init; }

    /// <summary>Tools that are offered.</summary>
    public required IReadOnlyList<string> Tools { get; init; }

    /// <summary>Commands by their first words, beside those that only read.</summary>
    public required IReadOnlyList<string> Commands { get; init; }

    /// <summary>Commands by their first words that a person must allow each time; stronger than <see cref="Commands"/>.</summary>
    public required IReadOnlyList<string> Asks { get; init; }

    /// <summary>What people allowed of them in this turn, by <see cref="CommandText.Hash"/>.</summary>
    public required IReadOnlyList<string> Granted { get; init; }

    /// <summary>
    /// Whether a lane needs a guard: it restricts more than the kind of work does, or the host allows commands that the
    /// permission rules know by their beginnings alone (<c>git diff --output=FILE</c> writes anywhere).
    /// </summary>
    public static bool IsOwed(LaneRights? lane, IReadOnlyList<string> hostCommands) =>
        lane is not null
        && (
            hostCommands.Count > 0
            || lane.Paths.Count > 0
            || lane.Protected.Count > 0
            || lane.Tools.Count > 0
            || lane.Commands is not null
            || lane.AskCommands.Count > 0
        );

    /// <summary>As JSON.</summary>
    public byte[] Write() =>
        JsonSerializer.SerializeToUtf8Bytes(this, GuardJson.Default.GuardOrder);

    /// <summary>Reads what <see cref="Write"/> made; null when it is anything else, in part or whole.</summary>
    public static GuardOrder? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var order = JsonSerializer.Deserialize(json, GuardJson.Default.GuardOrder);
            return
                order
                    is {
                        Worktree.Length: > 0,
                        Readable: not null,
                        Lane: not null,
                        Paths: not null,
                        Protected: not null,
                        Tools: not null,
                        Commands: not null,
                        Asks: not null,
                        Granted: not null,
                    }
                && Path.IsPathFullyQualified(order.Worktree)
                ? order
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The lane as the judgement of changed paths knows it.</summary>
    internal LaneRights Rights() =>
        new()
        {
            Name = Lane,
            Write = Writes ? LaneWrite.Direct : LaneWrite.None,
            Paths = Paths,
            Protected = Protected,
        };
}

/// <summary>The order's JSON. Generated: the guard starts anew before each tool call.</summary>
[JsonSourceGenerationOptions(
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower
)]
[JsonSerializable(typeof(GuardOrder))]
internal sealed partial class GuardJson : JsonSerializerContext;
