import naiveBayes from 'wink-naive-bayes-text-classifier';
import winkNlp from 'wink-nlp-utils';
import type { LabelledText } from '../rules/model.ts';
import { BadInput } from './bad-input.ts';

/** contract §3.11: both numbers from 0 to 1. */
export type Classification = { category: string; accuracy: number; score: number };
export type Classify = (text: string) => Classification;

const { string, tokens } = winkNlp;

/** The different words of a text, lower case, stemmed, without stop words. */
const words = (text: string): string[] => [
  ...new Set(tokens.stem(tokens.removeWords(string.tokenize0(string.lowerCase(text))))),
];

const rounded = (share: number): number => Math.round(share * 1e6) / 1e6;

const trainedOn = (examples: LabelledText[]) => {
  const classifier = naiveBayes();
  classifier.definePrepTasks([words]);
  classifier.defineConfig({ considerOnlyPresence: true, smoothingFactor: 0.5 });
  for (const { text, category } of examples) classifier.learn(text, category);
  try {
    classifier.consolidate();
  } catch (error) {
    // It refuses fewer than two categories, or hardly any words.
    throw new BadInput(error instanceof Error ? error.message : String(error));
  }
  return classifier;
};

/**
 * A naive Bayes classifier over the words of the examples. `score` is what naive Bayes believes, which for a page of
 * text is nearly always almost 1, since it takes words for independent; `accuracy` is the softmax over the categories
 * with that evidence damped by the square root of the text's length.
 */
export const trainClassifier = (examples: LabelledText[]): Classify => {
  const classifier = trainedOn(examples);
  return (text) => {
    const odds = classifier.computeOdds(text);
    const [best] = odds;
    if (!best || odds.length < 2) throw new BadInput('The document has no word that the model knows');
    const damping = Math.sqrt(words(text).length);
    const weights = odds.map(([, bits]) => 2 ** ((bits - best[1]) / damping));
    const accuracy = 1 / weights.reduce((sum, weight) => sum + weight, 0);
    return { category: best[0], accuracy: rounded(accuracy), score: rounded(1 / (1 + 2 ** -best[1])) };
  };
};
