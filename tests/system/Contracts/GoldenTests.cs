using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Queueing;
using Orchestrator.Silo.Storage;
using Orleans;
using Orleans.Serialization;
using Xunit;

namespace Orchestrator.SystemTests.Contracts;

/// <summary>
/// What an earlier release stored and sent is read today. The files under <c>Fixtures/golden</c> are never written again; what
/// is new since then is added as a file of its own (<c>ORCHESTRATOR_WRITE_GOLDEN=2</c> writes what no file holds yet).
/// </summary>
[Collection(Client.ClientAssemblyTests.Name)]
public sealed class GoldenTests
{
    private static readonly string Folder = Path.Combine(
        AppContext.BaseDirectory,
        "Fixtures",
        "golden"
    );

    public static TheoryData<string> Facts => [.. Lines("facts")];

    public static TheoryData<string> Messages => [.. Lines("wire")];

    [Theory]
    [MemberData(nameof(Facts))]
    public void A_stored_fact_is_read_with_all_it_said_and_nothing_null(string line)
    {
        var entry = FactPayload.Read(7, "task_1", 3, System.Text.Encoding.UTF8.GetBytes(line));

        AssertNoNull(entry.Fact, entry.Fact.GetType().Name);
        AssertHolds(
            JsonNode.Parse(line),
            JsonNode.Parse(FactPayload.Write(entry.At, entry.Fact)),
            entry.Fact.GetType().Name
        );
        Assert.Equal(1, TaskState.Empty.After(entry.Fact, entry.At).Version);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_of_an_earlier_release_is_read_with_all_it_said(string line)
    {
        var golden = JsonNode.Parse(line)!;
        using var services = Serializers();

        var value = services
            .GetRequiredService<Serializer>()
            .Deserialize<object>(Convert.FromBase64String(golden["wire"]!.GetValue<string>()))!;

        Assert.Equal(golden["alias"]!.GetValue<string>(), AliasOf(value.GetType()));
        AssertHolds(golden["value"], Json(value), AliasOf(value.GetType()));
    }

    [Fact]
    public void Every_fact_and_every_message_is_in_a_golden_file()
    {
        var facts = Lines("facts")
            .Select(l => JsonNode.Parse(l)!["fact"]!["fact"]!.GetValue<string>())
            .ToHashSet();
        var messages = Lines("wire")
            .Select(l => JsonNode.Parse(l)!["alias"]!.GetValue<string>())
            .ToHashSet();
        var newFacts = Concrete()
            .Where(t => t.IsSubclassOf(typeof(TaskFact)))
            .Select(t => (TaskFact)new Samples().Make(t))
            .Select(f =>
                System.Text.Encoding.UTF8.GetString(
                    FactPayload.Write(DateTimeOffset.UnixEpoch.AddDays(1), f)
                )
            )
            .Where(l => !facts.Contains(JsonNode.Parse(l)!["fact"]!["fact"]!.GetValue<string>()))
            .ToList();
        using var services = Serializers();
        var serializer = services.GetRequiredService<Serializer>();
        var newMessages = Concrete()
            .Where(t => !messages.Contains(AliasOf(t)))
            .Select(t => new Samples().Make(t))
            .Select(v => Message(v, serializer))
            .ToList();

        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_WRITE_GOLDEN") is { Length: > 0 } n)
        {
            Append($"facts-{n}.jsonl", newFacts);
            Append($"wire-{n}.jsonl", newMessages);
            return;
        }
        Assert.True(
            newFacts.Count + newMessages.Count == 0,
            "Not in a golden file: "
                + string.Join(", ", newFacts.Concat(newMessages).Select(l => l[..80]))
                + ". Write them into new ones before they are released: ORCHESTRATOR_WRITE_GOLDEN=N, N one above the highest there."
        );
    }

    private static IEnumerable<string> Lines(string kind) =>
        Directory
            .GetFiles(Folder, kind + "-*.jsonl")
            .Order(StringComparer.Ordinal)
            .SelectMany(File.ReadAllLines)
            .Where(l => l.Length > 0);

    private static IEnumerable<Type> Concrete() =>
        new[] { typeof(TaskFact).Assembly, typeof(QueueHolds).Assembly }
            .SelectMany(a => a.GetTypes())
            .Where(t =>
                !t.IsAbstract && t.GetCustomAttribute<GenerateSerializerAttribute>() is not null
            )
            .OrderBy(t => t.FullName, StringComparer.Ordinal);

    private static string AliasOf(Type type) =>
        type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias
        ?? throw new InvalidOperationException($"{type} is sent and has no alias.");

    private static string Message(object value, Serializer serializer) =>
        new JsonObject
        {
            ["alias"] = AliasOf(value.GetType()),
            ["value"] = Json(value),
            ["wire"] = Convert.ToBase64String(serializer.SerializeToArray(value)),
        }.ToJsonString();

    private static JsonNode? Json(object value) =>
        JsonSerializer.SerializeToNode(value, value.GetType());

    private static ServiceProvider Serializers()
    {
        var services = new ServiceCollection();
        services.AddSerializer(s =>
            s.AddAssembly(typeof(TaskFact).Assembly).AddAssembly(typeof(QueueHolds).Assembly)
        );
        return services.BuildServiceProvider();
    }

    // Into the sources, not into the build's output.
    private static void Append(string file, List<string> lines)
    {
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            lines.Count > 0 && folder is not null;
            folder = folder.Parent
        )
        {
            var sources = Path.Combine(folder.FullName, "tests", "system", "Fixtures", "golden");
            if (Directory.Exists(sources))
            {
                File.WriteAllText(Path.Combine(sources, file), string.Join('\n', lines) + "\n");
                return;
            }
        }
    }

    // Everything of the old one is in the new one; the new one may say more.
    private static void AssertHolds(JsonNode? old, JsonNode? now, string path)
    {
        if (old is JsonObject members)
        {
            var others = Assert.IsType<JsonObject>(now);
            foreach (var (name, value) in members)
            {
                AssertHolds(value, others[name], $"{path}.{name}");
            }
        }
        else if (old is JsonArray items)
        {
            var others = Assert.IsType<JsonArray>(now);
            Assert.Equal(items.Count, others.Count);
            for (var i = 0; i < items.Count; i++)
            {
                AssertHolds(items[i], others[i], $"{path}[{i}]");
            }
        }
        else
        {
            Assert.True(
                JsonNode.DeepEquals(old, now),
                $"{path} was {old?.ToJsonString()} and is read as {now?.ToJsonString()}."
            );
        }
    }

    private static void AssertNoNull(object value, string path)
    {
        var nullability = new NullabilityInfoContext();
        foreach (
            var property in value
                .GetType()
                .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.GetIndexParameters().Length == 0)
        )
        {
            var inner = property.GetValue(value);
            var where = $"{path}.{property.Name}";
            if (inner is null)
            {
                Assert.True(
                    nullability.Create(property).ReadState == NullabilityState.Nullable
                        || Nullable.GetUnderlyingType(property.PropertyType) is not null,
                    $"{where} is null when an earlier release did not write it: let its init accessor take null for its default."
                );
            }
            else if (inner is System.Collections.IEnumerable items and not string)
            {
                foreach (var item in items)
                {
                    if (IsOurs(item.GetType()))
                    {
                        AssertNoNull(item, where + "[]");
                    }
                }
            }
            else if (IsOurs(inner.GetType()))
            {
                AssertNoNull(inner, where);
            }
        }
    }

    private static bool IsOurs(Type type) =>
        !type.IsEnum
        && type.Namespace?.StartsWith("Orchestrator", StringComparison.Ordinal) == true;
}
