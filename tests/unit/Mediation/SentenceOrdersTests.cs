using Orchestrator.Decisions.Mediation;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Mediation;

public sealed class SentenceOrdersTests
{
    // Ordered after a ban: only a ban on all writing still forbids.
    private const string Order = ". Fix the login";

    [Fact]
    public void Every_word_for_an_edit_orders_a_change() =>
        Each(
            "fix fixes repair add adds create implement implements change modify update edit write rename remove delete refactor replace rewrite migrate move convert upgrade improve optimize make build extend append insert correct resolve",
            w => SentenceReader.KindOf($"{w} the login") == TaskKind.Fix
        );

    [Fact]
    public void An_edit_after_an_article_is_a_thing_to_read_about() =>
        Each(
            "the a an this that these those its their our your my any of for about",
            w => SentenceReader.KindOf($"look at {w} fix") == TaskKind.Analyze
        );

    [Fact]
    public void Every_form_of_change_can_be_forbidden_and_none_is_an_order() =>
        Each(
            "touch touching changes changing modifications modifying edits editing writes writing creating adding removing deleting rewriting altering alter",
            w =>
                SentenceReader.ForbidsWriting($"look at it without {w} it")
                && SentenceReader.KindOf($"{w} the login") == TaskKind.Analyze
        );

    [Fact]
    public void Every_word_that_forbids_holds_for_the_edits_after_it() =>
        Each(
            "don't dont never mustn't shouldn't avoid without",
            w =>
                SentenceReader.ForbidsWriting($"{w} change it")
                && SentenceReader.ForbidsWriting($"{w} at any time change it")
        );

    [Fact]
    public void A_word_that_describes_forbids_only_the_edit_that_follows_it() =>
        Each(
            "not cannot can't won't doesn't didn't isn't",
            w =>
                SentenceReader.ForbidsWriting($"It {w} change it")
                && SentenceReader.ForbidsWriting($"It {w} to change")
                && SentenceReader.KindOf($"It {w} work fix it") == TaskKind.Fix
                && SentenceReader.KindOf($"It {w} to blame fix it") == TaskKind.Fix
        );

    [Fact]
    public void Not_after_a_word_of_command_forbids_to_the_end_of_the_clause() =>
        Each(
            "do must should shall may and",
            w =>
                SentenceReader.ForbidsWriting($"You {w} not ever change it")
                && SentenceReader.ForbidsWriting($"{w} not in any case change it")
        );

    [Theory]
    [InlineData("Not ever change it", true)]
    [InlineData("The test will not pass so fix it", false)]
    public void Not_at_the_start_is_a_command_and_after_will_a_description(
        string sentence,
        bool forbids
    ) => Assert.Equal(forbids, SentenceReader.ForbidsWriting(sentence));

    [Fact]
    public void Every_word_for_nothing_forbids_the_edit_before_it_and_after_it() =>
        Each(
            "no nothing none zero",
            w =>
                SentenceReader.ForbidsWriting($"add {w}")
                && SentenceReader.ForbidsWriting($"{w} changes")
                && SentenceReader.ForbidsWriting($"{w} big changes")
                && SentenceReader.KindOf($"there is {w} test yet fix it") == TaskKind.Fix
        );

    [Fact]
    public void An_edit_in_a_question_is_no_order() =>
        Each(
            "whether how why what which where should",
            w =>
                SentenceReader.KindOf($"say {w} we fix it") == TaskKind.Analyze
                && SentenceReader.KindOf($"{w} to fix it") == TaskKind.Analyze
                && SentenceReader.KindOf($"see {w} it fails, fix it") == TaskKind.Fix
        );

    [Fact]
    public void A_ban_on_everything_wins_over_an_order() =>
        Each(
            "anything file files code repository repo everything",
            w => Forbidden($"Do not change {w}", TaskKind.Analyze)
        );

    [Fact]
    public void Small_words_before_everything_do_not_weaken_the_ban() =>
        Each(
            "any the my a an single of",
            w => Forbidden($"Do not change {w} file", TaskKind.Analyze)
        );

    [Fact]
    public void Many_small_words_before_everything_do_not_weaken_the_ban() =>
        Assert.True(SentenceReader.ForbidsWriting("Do not change any of the files" + Order));

    [Fact]
    public void A_ban_on_everything_else_leaves_the_order() =>
        Each(
            "else other otherwise",
            w => Ordered($"Do not change anything {w}") && Ordered($"Change nothing {w}")
        );

    [Fact]
    public void Only_to_read_forbids_every_order_whichever_way_it_is_said() =>
        Each(
            "review check audit inspect assess read look analyze analyse explain describe summarize summarise report",
            w =>
                SentenceReader.ForbidsWriting($"only {w} it{Order}")
                && SentenceReader.ForbidsWriting($"please just {w} it{Order}")
                && SentenceReader.ForbidsWriting($"{w} only{Order}")
                && SentenceReader.ForbidsWriting($"please {w} only, thanks{Order}")
        );

    [Theory]
    [InlineData("Only fix the login")]
    [InlineData("Just fix the login")]
    [InlineData("Please review it and fix it")]
    [InlineData("Fix the login only")]
    [InlineData("Fix the read-only flag")]
    [InlineData("Make the file a read-only one")]
    public void Only_and_read_only_about_something_else_forbid_nothing(string sentence)
    {
        Assert.False(SentenceReader.ForbidsWriting(sentence));
        Assert.Equal(TaskKind.Fix, SentenceReader.KindOf(sentence));
    }

    [Theory]
    [InlineData("read-only")]
    [InlineData("Read-only please")]
    [InlineData("Keep it read-only")]
    public void Read_only_forbids_every_order(string ban) =>
        Assert.True(Forbidden(ban, TaskKind.Analyze), ban);

    [Fact]
    public void No_changes_at_all_forbids_every_order() =>
        Each(
            "changes modifications edits",
            w =>
                Forbidden($"No {w}", TaskKind.Analyze) && Forbidden($"No {w} now", TaskKind.Analyze)
        );

    [Fact]
    public void No_changes_to_one_thing_leave_the_order() =>
        Each(
            "to in of on outside beyond",
            w =>
                Ordered($"No changes {w} the schema")
                && Ordered($"No modifications {w} the schema")
                && Ordered($"No edits {w} the schema")
        );

    [Theory]
    [InlineData("Don't forget to fix the login")]
    [InlineData("Do not hesitate to fix the login")]
    [InlineData("Don't only add a test")]
    [InlineData("Don't just add a test")]
    public void A_negation_that_urges_is_an_order(string sentence)
    {
        Assert.Equal(TaskKind.Fix, SentenceReader.KindOf(sentence));
        Assert.False(SentenceReader.ForbidsWriting(sentence));
    }

    [Theory]
    [InlineData("Avoid the schema, fix the login", TaskKind.Fix)]
    [InlineData("Without the schema, fix the login", TaskKind.Fix)]
    [InlineData("Without the schema, the tests, fix the login", TaskKind.Fix)]
    [InlineData("Don't create, edit or delete it", TaskKind.Analyze)]
    [InlineData("Never create, edit or delete it", TaskKind.Analyze)]
    public void A_comma_ends_without_and_avoid_but_no_other_ban(string sentence, TaskKind kind) =>
        Assert.Equal(kind, SentenceReader.KindOf(sentence));

    [Theory]
    [InlineData(".")]
    [InlineData(":")]
    [InlineData(";")]
    [InlineData("!")]
    [InlineData("?")]
    [InlineData("\n")]
    [InlineData(" but")]
    [InlineData(" instead")]
    public void A_ban_ends_with_its_clause(string end) =>
        Assert.Equal(TaskKind.Fix, SentenceReader.KindOf($"Do not change the schema{end} fix it"));

    [Fact]
    public void A_dot_inside_a_word_ends_no_clause() =>
        Assert.True(SentenceReader.ForbidsWriting("Do not in a.cs:3 change it"));

    [Fact]
    public void Only_the_first_32_000_characters_are_read_for_orders()
    {
        Assert.Equal(TaskKind.Fix, SentenceReader.KindOf(new string(' ', 31_997) + "fix"));
        Assert.Equal(TaskKind.Analyze, SentenceReader.KindOf(new string(' ', 31_998) + "fix"));
    }

    private static bool Forbidden(string ban, TaskKind kind) =>
        SentenceReader.ForbidsWriting(ban + Order) && SentenceReader.KindOf(ban + Order) == kind;

    private static bool Ordered(string limit) =>
        !SentenceReader.ForbidsWriting(limit + Order)
        && SentenceReader.KindOf(limit + Order) == TaskKind.Fix;

    private static void Each(string words, Func<string, bool> holds) =>
        Assert.All(words.Split(' '), w => Assert.True(holds(w), w));
}
