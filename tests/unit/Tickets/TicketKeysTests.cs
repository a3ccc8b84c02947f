using CsCheck;
using Orchestrator.Decisions.Tickets;
using Xunit;

namespace Orchestrator.UnitTests.Tickets;

public sealed class TicketKeysTests
{
    private static readonly TicketRules Linear = Of("linear", "ENG", "OPS", "*");
    private static readonly TicketRules Jira = Of("jira", "PAY", "ops");

    [Theory]
    [InlineData("ENG-12", true)]
    [InlineData("a_b2-1", true)]
    [InlineData("ENG-", false)]
    [InlineData("ENG-12345678901", false)]
    [InlineData("1ENG-1", false)]
    [InlineData("ENG-1\n", false)]
    [InlineData("ENG-1/../x", false)]
    [InlineData("", false)]
    public void A_key_is_letters_a_dash_and_a_number(string key, bool isKey)
    {
        Assert.Equal(isKey, TicketKeys.IsKey(key));
        Assert.Equal(isKey ? key[..key.LastIndexOf('-')] : null, TicketKeys.PrefixOf(key));
        Assert.Equal(isKey, TicketKeys.Split("linear:" + key) is not null);
        Assert.Null(TicketKeys.Split(key));
    }

    [Theory]
    [InlineData("d40aca00-9575-47fe-8cfe-e4467a883829", true)]
    [InlineData("d40aca00-9575-47fe-8cfe-e4467a88382", false)]
    [InlineData("ENG-1?x=1", false)]
    [InlineData("ENG-1", true)]
    public void A_reference_is_a_key_or_a_hosts_own_id(string text, bool fits) =>
        Assert.Equal(fits, TicketKeys.IsReference(text));

    [Theory]
    [InlineData("Fix ENG-12, then PAY-3.", "linear:ENG-12 jira:PAY-3")]
    [InlineData("orchestrator/eng-12-add-retry", "linear:ENG-12")]
    [InlineData("UTF-8 and ISO-8601 and OTHER-1", "")]
    [InlineData("OPS-1 is of two hosts", "")]
    [InlineData("xENG-1 ENG-1x ENG-1_2 my-ENG-1 _ENG-1", "")]
    [InlineData("(ENG-1) ENG-1 eng-1", "linear:ENG-1")]
    [InlineData(
        "ENG-1 ENG-2 ENG-3 ENG-4 ENG-5 ENG-6",
        "linear:ENG-1 linear:ENG-2 linear:ENG-3 linear:ENG-4 linear:ENG-5"
    )]
    public void Words_name_tickets_of_configured_teams_only(string words, string found) =>
        Assert.Equal(found, string.Join(' ', TicketKeys.In([Linear, Jira], words)));

    [Fact]
    public void Whatever_the_words_at_most_five_keys_are_found_and_each_can_be_asked_for() =>
        Gen.String[Gen.Char["ENGeng-_0123 ./"], 0, 6_000]
            .Sample(text =>
            {
                var found = TicketKeys.In([Linear, Jira], text, text, "ENG-1");
                Assert.InRange(found.Count, 0, TicketKeys.FoundMax);
                Assert.Equal(found.Count, found.Distinct().Count());
                Assert.All(found, t => Assert.NotNull(TicketKeys.Split(t)));
            });

    [Theory]
    [InlineData("ENG-1", "/src/ENG")]
    [InlineData("eng-1", "/src/ENG")]
    [InlineData("NEW-1", "/src/*")]
    [InlineData("no key", "/src/*")]
    public void A_repository_is_found_by_the_prefix_or_is_that_of_all_others(
        string key,
        string repository
    )
    {
        Assert.Equal(repository, Linear.RepositoryOf(key));
        Assert.Null(Jira.RepositoryOf("NEW-1"));
    }

    private static TicketRules Of(string kind, params string[] prefixes) =>
        new()
        {
            Kind = kind,
            Repositories = prefixes.ToDictionary(
                p => p,
                p => "/src/" + p,
                StringComparer.OrdinalIgnoreCase
            ),
        };
}
