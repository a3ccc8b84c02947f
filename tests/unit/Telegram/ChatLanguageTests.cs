using System.Text.RegularExpressions;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.House;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>The fixed texts: every language has all of them, and what a chat is shown is in one.</summary>
public sealed partial class ChatLanguageTests
{
    // Foreign words in what is rendered: no language has them.
    private const string Foreign = "qqfile qqtitle qqreason qqhost qqagent";

    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Languages => [.. ChatWords.Languages];

    [Fact]
    public void There_are_English_and_German()
    {
        Assert.Equal(["de", "en"], ChatWords.Languages);
        Assert.Equal(ChatWords.Say("en", "forgotten"), ChatWords.Say("xx", "forgotten"));
        Assert.NotEqual(ChatWords.Say("en", "forgotten"), ChatWords.Say("de", "forgotten"));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Every_language_has_the_texts_of_English_with_the_same_places_for_what_is_put_in(
        string language
    )
    {
        var (english, texts) = (ChatWords.Of(ChatWords.English), ChatWords.Of(language));
        Assert.Equal(english.Keys.Order(), texts.Keys.Order());
        Assert.All(
            texts,
            t =>
            {
                Assert.False(string.IsNullOrWhiteSpace(t.Value), t.Key);
                Assert.Equal(Places(english[t.Key]), Places(t.Value));
            }
        );
    }

    // The server has no cultures: a text must come from its resource's name alone.
    [Fact]
    public void German_is_there_without_any_culture()
    {
        Assert.True(
            AppContext.TryGetSwitch("System.Globalization.Invariant", out var invariant)
                && invariant
        );
        Assert.Equal("⏹ Aufgabe t ABGEBROCHEN", ChatWords.Say("de", "was-cancelled", "t"));
        Assert.Equal("1234567 Meldungen:", ChatWords.Say("de", "digest", 1_234_567));
    }

    [Fact]
    public void Every_fixed_text_is_said_somewhere()
    {
        var sources = string.Concat(
            ((string[])["grains", "silo"]).SelectMany(folder =>
                Directory
                    .GetFiles(
                        Path.Combine(Repository.Root, folder),
                        "*.cs",
                        SearchOption.AllDirectories
                    )
                    .Where(f => f.Contains("Telegram", StringComparison.Ordinal))
                    .Select(File.ReadAllText)
            )
        );
        // Those with a point follow from a command, a phase, a kind ...; two are made of a verdict.
        Assert.All(
            ChatWords
                .Of(ChatWords.English)
                .Keys.Where(k =>
                    !k.Contains('.', StringComparison.Ordinal)
                    && !k.StartsWith("usage-", StringComparison.Ordinal)
                    && !k.EndsWith("-again", StringComparison.Ordinal)
                ),
            k => Assert.Contains($"\"{k}\"", sources, StringComparison.Ordinal)
        );
        foreach (var word in Enum.GetValues<TaskPhase>().Where(p => p != TaskPhase.None))
        {
            Assert.NotEmpty(ChatCards.Word(word, "de"));
        }
        Assert.All(Enum.GetValues<TaskKind>(), k => Assert.NotEmpty(ChatViews.Kind(k, "de")));
        Assert.All(
            ChatVerbs.All.Where(c => c.Takes != ChatArguments.Nothing && c.Verb != ChatVerb.Start),
            c => Assert.NotEmpty(c.Usage("de"))
        );
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void What_a_chat_is_shown_is_in_one_language(string language)
    {
        var known = Words(
            string.Join(' ', ChatWords.Of(language).Values)
                + " "
                + Foreign
                // What is no word of a language: names of the product, of commands, of settings' values.
                + " UTC task_qq Orchestrator online SUCCESS orchestrator telegram qqid "
                + string.Join(' ', ChatVerbs.All.Select(c => c.Name.Replace('_', ' ')))
        );
        var shown = Shown(language).ToList();
        Assert.Equal(Shown(ChatWords.English).Count(), shown.Count);
        Assert.All(shown, text => Assert.All(Words(text), word => Assert.Contains(word, known)));
    }

    [Fact]
    public void The_end_of_a_turn_says_the_same_in_every_language()
    {
        var state = State(TaskPhase.Done) with { Judgement = new Judgement(true, "SUCCESS", []) };
        Assert.Equal(
            "Outcome: SUCCESS\nAgent: qqagent\n- Changed 1 files (+2 -1): qqfile\n- Checks: qqcheck → exit 0\n- The agent says: qqanswer qqanswer\nNext: look at it with /diff, keep it with /commit.",
            ChatSummary.Write(state, "en")
        );
        Assert.Equal(
            "Ergebnis: SUCCESS\nAgent: qqagent\n- 1 Dateien geändert (+2 -1): qqfile\n- Prüfungen: qqcheck → Ende mit 0\n- Der Agent sagt: qqanswer qqanswer\nWeiter: ansehen mit /diff, behalten mit /commit.",
            ChatSummary.Write(state, "de")
        );
        // What an agent says is no command, however long it is.
        var long_ = state with
        {
            Result = state.Result! with { ResultText = new string('x', 9_000) + " /estop now" },
        };
        Assert.InRange(ChatSummary.Write(long_, "de").Length, 900, 2_500);
        Assert.DoesNotContain(
            "/estop now",
            ChatSummary.Write(
                state with
                {
                    Result = state.Result! with { ResultText = "/estop now" },
                },
                "en"
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_digest_is_in_the_language_of_its_chat()
    {
        var ended = ChatCards.Ended("task_qq", State(TaskPhase.Done), "de")!;
        Assert.StartsWith(
            "2 Meldungen:\n✅ Aufgabe task_qq FERTIG",
            ChatDigest.Of([ended, ended]).Text,
            StringComparison.Ordinal
        );
    }

    // Everything that a chat can be shown, with foreign words that no language has.
    private static IEnumerable<string> Shown(string language)
    {
        foreach (var phase in Enum.GetValues<TaskPhase>().Where(p => p != TaskPhase.None))
        {
            var state = State(phase);
            yield return ChatCards.Progress("task_qq", state, language);
            foreach (
                var send in (ChatSend?[])
                    [
                        ChatCards.Ended("task_qq", state, language),
                        ChatCards.Asked("task_qq", state, language),
                        ChatCards.Asked(
                            "task_qq",
                            state with
                            {
                                Command = new AskedCommand("qqcommand", "qqfolder", "h"),
                            },
                            language
                        ),
                        .. ChatCards.Documents("task_qq", state, language),
                    ]
            )
            {
                yield return send?.Text ?? "";
                yield return string.Join(
                    ' ',
                    send?.Buttons.SelectMany(b => b).Select(b => b.Label) ?? []
                );
            }
        }
        foreach (
            var fact in (TaskFact[])
                [new TaskFact.Paused("qqreason", null), new TaskFact.Resumed("qqhost")]
        )
        {
            yield return ChatCards.Paused("task_qq", fact, language)!.Text;
        }
        foreach (var role in Enum.GetValues<ChatRole>())
        {
            yield return ChatViews.Help(role, language);
        }
        yield return ChatViews.Task(
            new TaskSnapshot
            {
                TaskId = "task_qq",
                Phase = TaskPhase.Done,
                Kind = TaskKind.CodeReview,
                Title = "qqtitle",
                Requester = "qqhost",
                Repository = "/qqfile",
                Result = State(TaskPhase.Done).Result,
            },
            new Explanation("task_qq", TaskPhase.Done, "qqreason", ["qqreason"], []),
            language
        );
        yield return ChatViews.List(
            [
                new TaskHead
                {
                    TaskId = "task_qq",
                    Phase = TaskPhase.Queued,
                    Kind = TaskKind.Fix,
                },
            ],
            language
        );
        yield return ChatViews.Status(
            new StatusReport
            {
                Components = [new ComponentStatus("qqhost", true, "qqreason")],
                DataDirectory = "/qqfile",
            },
            language
        );
        yield return ChatViews.Hosts(
            [
                new HostInfo
                {
                    Host = "qqhost",
                    State = "online",
                    Problem = "qqreason",
                },
            ],
            language
        );
        yield return string.Join(
            '\n',
            ChatProgress.Lines(
                (
                    (TaskFact[])
                        [
                            new TaskFact.Cancelled("qqhost"),
                            new TaskFact.Paused("qqreason", null),
                            new TaskFact.Resumed("qqhost"),
                            new TaskFact.Failed(new Failure("qqid", "qqreason"), ErrorClass.Fatal),
                        ]
                ).Select((f, i) => new JournalEntry("task_qq", i + 1, Noon, f, i + 1)),
                language
            )
        );
    }

    private static TaskState State(TaskPhase phase) =>
        TaskState.Empty with
        {
            Phase = phase,
            Spec = new TaskSpec { Request = "qqtitle", Title = "qqtitle" },
            Turn = 2,
            Attempt = 3,
            Host = "qqhost",
            WaitingFor = "qqreason",
            ApprovalsNeeded = 2,
            Due = Noon,
            Failure = phase == TaskPhase.Failed ? new Failure("qqid", "qqreason") : null,
            Verification = new VerificationReport(
                "repository",
                [new CommandResult("qqcheck", 0, 0, false, "")]
            ),
            Result = new RunResult
            {
                AgentLabel = "qqagent",
                ResultText = "qqanswer\n qqanswer",
                Diff = new DiffSummary
                {
                    Files = [new FileChange("qqfile", "", "M", 2, 1, "", "")],
                    FilesTotal = 1,
                    AddedLines = 2,
                    DeletedLines = 1,
                    PatchBlob = new string('b', 64),
                },
            },
        };

    private static IEnumerable<string> Places(string text) =>
        Place().Matches(text).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal);

    private static HashSet<string> Words(string text) =>
        [
            .. Word()
                .Matches(text)
                .Select(m => m.Value.ToLowerInvariant())
                .Where(w => !w.StartsWith("qq", StringComparison.Ordinal)),
        ];

    [GeneratedRegex(@"\{[0-9]\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"\p{L}{2,}")]
    private static partial Regex Word();
}
