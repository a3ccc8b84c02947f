using System.Globalization;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Orchestrator.Mutation;

/// <summary>One change of the decisions.</summary>
/// <param name="Id">Its number in the mutated assembly.</param>
/// <param name="File">Source file below <c>grains/decisions</c>, '/' separated.</param>
/// <param name="Change">What stood there and what stands there now, in one line.</param>
/// <param name="Mutator">The kind of change, as Stryker.NET names it.</param>
internal sealed record Mutant(int Id, string File, string Change, string Mutator)
{
    /// <summary>The first folder of its file.</summary>
    public string Folder => File.Split('/')[0];
}

/// <summary>The mutants that Stryker.NET made: named in its log, and present in the assembly that it left.</summary>
internal static partial class Mutants
{
    private const string Below = "grains/decisions/";

    // A block that is emptied hides behind what its statements do, and nobody hands a decision nothing.
    private static readonly string[] LeftOut = ["BlockMutator", "ThrowIfNull"];

    /// <summary>Reads both. Those that did not compile were taken out of the assembly again, and are none.</summary>
    public static IReadOnlyList<Mutant> Read(string log, string assembly)
    {
        var present = Present(assembly);
        var file = "";
        var found = new Dictionary<int, Mutant>();
        foreach (var line in Entries(log))
        {
            if (Mutating().Match(line) is { Success: true } begun)
            {
                var path = begun.Groups[1].Value.Trim().Replace('\\', '/');
                file = path[
                    (
                        path.IndexOf(Below, StringComparison.Ordinal) is var at and >= 0
                            ? at + Below.Length
                            : 0
                    )..
                ];
            }
            else if (Created().Match(line) is { Success: true } made)
            {
                var id = int.Parse(made.Groups[1].Value, CultureInfo.InvariantCulture);
                var change = Blanks().Replace(made.Groups[2].Value, " ");
                found[id] = new Mutant(id, file, change, made.Groups[3].Value);
            }
        }
        return
        [
            .. found
                .Values.Where(m =>
                    present.Contains(m.Id)
                    && !LeftOut.Any(l =>
                        m.Mutator.Contains(l, StringComparison.Ordinal)
                        || m.Change.Contains(l, StringComparison.Ordinal)
                    )
                )
                .OrderBy(m => m.Id),
        ];
    }

    /// <summary>Those that an earlier run's verdicts call dead; the k-th of equal changes of a file is the k-th there.</summary>
    public static List<(Mutant Mutant, Verdict Verdict)> DeadSince(
        string verdicts,
        IEnumerable<Mutant> mutants
    )
    {
        var before = File.ReadLines(verdicts)
            .Select(l => l.Split('\t', 5))
            .OrderBy(f => int.Parse(f[1], CultureInfo.InvariantCulture))
            .GroupBy(f => (f[2], f[3], f[4]))
            .ToDictionary(g => g.Key, g => g.Select(f => Enum.Parse<Verdict>(f[0])).ToList());
        return
        [
            .. mutants
                .OrderBy(m => m.Id)
                .GroupBy(m => (m.File, m.Mutator, m.Change))
                .Where(g => before.TryGetValue(g.Key, out var old) && old.Count == g.Count())
                .SelectMany(g => g.Zip(before[g.Key]))
                .Where(p => p.Second is Verdict.Killed or Verdict.TimedOut),
        ];
    }

    // A change of several lines is one entry: the next begins with its time.
    private static IEnumerable<string> Entries(string log)
    {
        var entry = new List<string>();
        foreach (var line in File.ReadLines(log))
        {
            if (EntryBegins().IsMatch(line) && entry.Count > 0)
            {
                yield return string.Join('\n', entry);
                entry.Clear();
            }
            entry.Add(line);
        }
        yield return string.Join('\n', entry);
    }

    // "ldc.i4 N; call IsActive" for each.
    private static HashSet<int> Present(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        var asking = metadata
            .MethodDefinitions.Where(h =>
                metadata.StringComparer.Equals(metadata.GetMethodDefinition(h).Name, "IsActive")
            )
            .Select(h => System.Reflection.Metadata.Ecma335.MetadataTokens.GetToken(h))
            .ToHashSet();
        var ids = new HashSet<int>();
        foreach (var handle in metadata.MethodDefinitions)
        {
            var address = metadata.GetMethodDefinition(handle).RelativeVirtualAddress;
            if (address != 0)
            {
                Find(file.GetMethodBody(address).GetILReader(), asking, ids);
            }
        }
        return ids;
    }

    private static void Find(BlobReader code, HashSet<int> asking, HashSet<int> ids)
    {
        int? pushed = null;
        while (code.RemainingBytes > 0)
        {
            int first = code.ReadByte();
            var value = first == 0xfe ? 0xfe00 | code.ReadByte() : first;
            var opcode = Opcodes[unchecked((short)value)];
            switch (opcode.OperandType)
            {
                case OperandType.InlineNone:
                    pushed = value is >= 0x16 and <= 0x1e ? value - 0x16 : null;
                    break;
                case OperandType.ShortInlineI when opcode == OpCodes.Ldc_I4_S:
                    pushed = code.ReadSByte();
                    break;
                case OperandType.InlineI:
                    pushed = code.ReadInt32();
                    break;
                case OperandType.InlineSwitch:
                    var targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    pushed = null;
                    break;
                case OperandType.InlineMethod:
                    if (asking.Contains(code.ReadInt32()) && pushed is { } id)
                    {
                        ids.Add(id);
                    }
                    pushed = null;
                    break;
                default:
                    code.Offset += Size(opcode.OperandType);
                    pushed = null;
                    break;
            }
        }
    }

    private static int Size(OperandType operand) =>
        operand switch
        {
            OperandType.ShortInlineBrTarget
            or OperandType.ShortInlineI
            or OperandType.ShortInlineVar => 1,
            OperandType.InlineVar => 2,
            OperandType.InlineI8 or OperandType.InlineR => 8,
            _ => 4,
        };

    private static readonly Dictionary<short, OpCode> Opcodes = typeof(OpCodes)
        .GetFields()
        .Select(f => f.GetValue(null))
        .OfType<OpCode>()
        .ToDictionary(o => o.Value);

    [GeneratedRegex("Mutating \"?([^\"\n]+)\"?")]
    private static partial Regex Mutating();

    [GeneratedRegex(@"Mutant (\d+) created (.*) using ""?([^""\s]+)""?", RegexOptions.Singleline)]
    private static partial Regex Created();

    [GeneratedRegex(@"^\s*[\[\d].*?\d\d:\d\d")]
    private static partial Regex EntryBegins();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
