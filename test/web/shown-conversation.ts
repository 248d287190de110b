/** What the pictures of the page show. */

export interface ShownMessage {
  /** `operator` speaks on the page; everyone else by a webhook. */
  readonly from: string;
  /** The chat of the page, or the name of the webhook. */
  readonly chat: string;
  /** How long before the pictures it is said, in minutes. */
  readonly ageMin: number;
  readonly text: string;
  readonly title?: string;
}

/** When the pictures are taken: they are the same at any time of day. */
export const SHOWN_AT: number = Date.UTC(2026, 3, 14, 9, 41);

const TRIP = "We have three days in Lisbon in May, with a toddler. What would you not miss?";
/** The message that is still being answered in the pictures. */
export const OPEN_MESSAGE = "Write the release notes for 2.4 in a friendly tone.";
const TRAM = "Is tram 28 worth it with a pushchair?";

/** In the order they are said in. */
export const MESSAGES: readonly ShownMessage[] = [
  {
    from: "operator",
    chat: "invoices",
    ageMin: 1500,
    text: "Which invoices are more than 30 days late?",
    title: "Late invoices",
  },
  { from: "Noor Haddad", chat: "shop", ageMin: 310, text: "Hi! Can I still change the size of order 4417?" },
  { from: "Tomás Rivera", chat: "alerts", ageMin: 42, text: "Disk on db-2 is at 91 %. What is safe to delete?" },
  { from: "Chloé Martin", chat: "shop", ageMin: 12, text: "Bonjour, mon colis est-il parti ?" },
  { from: "operator", chat: "main", ageMin: 5, text: TRIP, title: "Lisbon in May" },
  { from: "operator", chat: "release", ageMin: 2, text: OPEN_MESSAGE, title: "Release notes 2.4" },
  { from: "operator", chat: "main", ageMin: 1, text: TRAM },
];

/** What the agent says to a message. */
export const ANSWERS: Readonly<Record<string, string>> = {
  [TRIP]: [
    "Three days is a good length. With a toddler I would keep **one fixed thing a day** and leave the rest open:",
    "",
    "1. **Belém**: the gardens by the river, pastéis while they are warm, and the tower from outside",
    "2. **The Oceanarium**: the large tank keeps small children quiet for longer than you would think",
    "3. **Sintra**, but only the park of *Monserrate*; the palaces are queues and stairs",
    "",
    "The evenings are mild by then. `Jardim da Estrela` has a playground with a café beside it.",
  ].join("\n"),
  [TRAM]: [
    "Not in the middle of the day: it is packed, and a pushchair has to be folded. Take it **before nine** from Campo de",
    "Ourique, where it starts half empty, and get off at Graça for the view.",
  ].join(" "),
  "Hi! Can I still change the size of order 4417?": "Yes, it has not left the warehouse. Which size would you like?",
  "Disk on db-2 is at 91 %. What is safe to delete?": "The WAL archive older than the last base backup: 38 GB.",
  "Bonjour, mon colis est-il parti ?": "Oui, ce matin à 8 h 40. Il arrive demain.",
  "Which invoices are more than 30 days late?": "Four of them, 12,480 € together. The oldest is from 3 March.",
};
