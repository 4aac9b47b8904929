// The settings of this server. Only what was chosen is kept, so a default may change; only
// what the schema allows is kept or given out; a secret never leaves but to those who use it.

import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Changes } from '../changes.ts';
import { AppError, invalid } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { CATEGORIES, type Category, CATEGORY_NAMES, isCategory, type SettingValues } from './categories.ts';

/** Stands for a secret that is set; given back, it leaves the secret as it is. */
export const SECRET_SET = 'set';

/** What settings need of a store; src/db fits it by shape. */
export interface SettingStore {
  get(category: string): JsonObject | undefined;
  put(category: string, value: JsonObject): void;
}

export class Settings {
  readonly #rows: SettingStore;
  readonly #changes: Changes;
  /** What was chosen, per category: this process is the only writer. */
  readonly #chosen = new Map<Category, JsonObject>();

  constructor({ rows, changes }: { rows: SettingStore; changes: Changes }) {
    this.#rows = rows;
    this.#changes = changes;
  }

  /** Every field, defaults and secrets included: for use, not for show. */
  get<Name extends Category>(category: Name): SettingValues[Name] {
    return complete(category, this.#stored(category));
  }

  /** As it holds in a workspace: what its metadata says of the category comes first. */
  effective<Name extends Category>(category: Name, workspaceMetadata: JsonObject): SettingValues[Name] {
    const { settings } = workspaceMetadata;
    const own = isJsonObject(settings) ? settings[category] : undefined;
    const overrides = isJsonObject(own) ? known(category, own, isPublic) : {};
    return complete(category, { ...this.#stored(category), ...overrides });
  }

  /** Every field as anyone may see it: of a secret only whether it is set (`"set"` or null). */
  shown(category: Category): JsonObject {
    const value = Object.entries(complete(category, this.#stored(category)) as JsonObject);
    const { properties } = CATEGORIES[category];
    return Object.fromEntries(
      value.map(([field, own]) => [field, own !== null && isSecret(schemaOf(properties, field)) ? SECRET_SET : own]),
    );
  }

  all(): Record<Category, JsonObject> {
    const entries = CATEGORY_NAMES.map((category) => [category, this.shown(category)]);
    return Object.fromEntries(entries) as Record<Category, JsonObject>;
  }

  /** Fields that are not given take their defaults. @throws AppError invalid, a field each */
  replace(category: Category, value: JsonObject): JsonObject {
    return this.#write(category, this.#withSecrets(category, value));
  }

  /** Null sets a field back to its default, which is null where null is a value. @throws AppError invalid */
  patch(category: Category, patch: JsonObject): JsonObject {
    const { properties } = CATEGORIES[category];
    const given = this.#withSecrets(category, patch);
    const merged = new Map(Object.entries(this.#stored(category)));
    for (const [field, value] of Object.entries(given)) {
      const schema = schemaOf(properties, field);
      if (value === null && schema !== undefined && !Value.Check(schema, null)) merged.delete(field);
      else merged.set(field, value);
    }
    return this.#write(category, Object.fromEntries(merged));
  }

  /** @throws AppError invalid: a field each, as `metadata.settings.terminal.fontSize` */
  checkOverrides(metadata: JsonObject): void {
    const { settings } = metadata;
    if (settings === undefined) return;
    if (!isJsonObject(settings)) throw invalid('metadata.settings', 'Must be an object of categories.');
    for (const [category, value] of Object.entries(settings)) {
      const field = `metadata.settings.${category}`;
      if (!isCategory(category)) throw invalid(field, `Must be one of ${CATEGORY_NAMES.join(', ')}.`);
      if (!isJsonObject(value)) throw invalid(field, 'Must be an object of settings.');
      check(category, value, `${field}.`);
      const secret = Object.keys(value).find((name) => isSecret(schemaOf(CATEGORIES[category].properties, name)));
      if (secret !== undefined) {
        throw invalid(`${field}.${secret}`, 'A workspace shows what it holds: keep secrets in the settings.');
      }
      const shared = Object.keys(value).find((name) => schemaOf(CATEGORIES[category].properties, name)?.isShared === true);
      if (shared !== undefined) {
        throw invalid(`${field}.${shared}`, 'It holds for all workspaces together: set it in the settings.');
      }
    }
  }

  #stored(category: Category): JsonObject {
    const cached = this.#chosen.get(category);
    if (cached !== undefined) return cached;
    // A row may be of another version: what does not fit any more counts as not chosen.
    const chosen = known(category, this.#rows.get(category) ?? {}, () => true);
    this.#chosen.set(category, chosen);
    return chosen;
  }

  /** What is shown of a secret comes back from forms and programs: it means the secret itself. */
  #withSecrets(category: Category, value: JsonObject): JsonObject {
    const { properties } = CATEGORIES[category];
    const stored = this.#stored(category);
    const entries = Object.entries(value).map(([field, given]): [string, JsonValue] => {
      const unchanged = given === SECRET_SET && isSecret(schemaOf(properties, field));
      return [field, unchanged ? (stored[field] ?? null) : given];
    });
    return Object.fromEntries(entries);
  }

  #write(category: Category, value: JsonObject): JsonObject {
    check(category, value, '');
    this.#rows.put(category, value);
    this.#chosen.set(category, value);
    this.#changes.announce('settings', category);
    return this.shown(category);
  }
}

/** The category of that name. @throws AppError not_found */
export function categoryNamed(name: string): Category {
  if (isCategory(name)) return name;
  throw new AppError('not_found', `There is no such category: there are ${CATEGORY_NAMES.join(', ')}.`);
}

function complete<Name extends Category>(category: Name, chosen: JsonObject): SettingValues[Name] {
  const fields = Object.entries<TSchema>(CATEGORIES[category].properties);
  const defaults = fields.filter(([, schema]) => schema.default !== undefined).map(([field, schema]) => [field, schema.default]);
  return { ...Object.fromEntries(defaults), ...chosen } as SettingValues[Name];
}

/** The fields that fit the schema. */
function known(category: Category, value: JsonObject, wanted: (schema: TSchema) => boolean): JsonObject {
  const { properties } = CATEGORIES[category];
  const fitting = Object.entries(value).filter(([field, own]) => {
    const schema = schemaOf(properties, field);
    return schema !== undefined && wanted(schema) && Value.Check(schema, own);
  });
  return Object.fromEntries(fitting);
}

/** All that is wrong at once, for a form. @throws AppError invalid */
function check(category: Category, value: JsonObject, prefix: string): void {
  const { properties } = CATEGORIES[category];
  const fields: [string, string][] = [];
  for (const [field, own] of Object.entries(value)) {
    const schema = schemaOf(properties, field);
    if (schema === undefined) fields.push([prefix + field, 'There is no such setting.']);
    else if (!Value.Check(schema, own)) fields.push([prefix + field, `Must be ${schema.description}.`]);
  }
  const [first] = fields;
  if (first === undefined) return;
  throw new AppError('invalid', `${first[0]}: ${first[1]}`, { fields: Object.fromEntries(fields) });
}

function schemaOf(properties: Record<string, TSchema>, field: string): TSchema | undefined {
  return Object.hasOwn(properties, field) ? properties[field] : undefined;
}

const isSecret = (schema: TSchema | undefined): boolean => schema?.secret === true;
const isPublic = (schema: TSchema): boolean => !isSecret(schema);
